"""The classic's helpers that make model configurations of keys in the environment, in text files and in a ``.env`` file."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ..errors import UsageError
from .config_list import filter_config, get_config_list

__all__ = ["config_list_from_dotenv", "config_list_from_models", "config_list_gpt4_gpt35", "config_list_openai_aoai"]

Excluded = Literal["openai", "aoai"]
_DEFAULT_MODELS = ("gpt-4", "gpt-3.5-turbo")
_MAY_BE_VARIABLES = ("api_type", "api_version", "base_url")
_log = logging.getLogger(__name__)


def config_list_openai_aoai(
    key_file_path: str | None = ".",
    openai_api_key_file: str | None = "key_openai.txt",
    aoai_api_key_file: str | None = "key_aoai.txt",
    openai_api_base_file: str | None = "base_openai.txt",
    aoai_api_base_file: str | None = "base_aoai.txt",
    exclude: Excluded | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Return a configuration for each OpenAI key, then one for each Azure key; add a ``model`` to each, or beside the list.

    Keys and addresses are lines of ``OPENAI_API_KEY``, ``OPENAI_API_BASE``, ``AZURE_OPENAI_API_KEY`` and ``AZURE_OPENAI_API_BASE``, or of
    text files, which come first. Unlike the classic's, this leaves the environment as it is, and names no ``api_version``.

    Args:
        key_file_path: the folder of the files; None reads none.
        openai_api_key_file: None reads no such file, as for the others.
        aoai_api_key_file: keys of Azure.
        openai_api_base_file: an address for each key of OpenAI.
        aoai_api_base_file: an address for each key of Azure.
        exclude: ``"openai"`` or ``"aoai"`` (Azure) is left out.
        environ: the environment to look in; by default this process's.

    Raises:
        UsageError: there are not as many addresses as keys, or ``exclude`` is something else.
    """
    if exclude not in (None, "openai", "aoai"):
        raise UsageError(f'exclude is {exclude!r}; it must be "openai", "aoai" (Azure) or None.')

    variables = os.environ if environ is None else environ

    def lines(variable: str, file: str | None) -> list[str]:
        path = Path(key_file_path) / file if key_file_path is not None and file is not None else None
        text = path.read_text(encoding="utf-8") if path is not None and path.is_file() else variables.get(variable, "")
        return text.strip().split("\n") if text.strip() else []

    made: list[dict[str, Any]] = []
    if exclude != "openai":
        made += get_config_list(lines("OPENAI_API_KEY", openai_api_key_file), lines("OPENAI_API_BASE", openai_api_base_file) or None)
    if exclude != "aoai":
        keys, urls = lines("AZURE_OPENAI_API_KEY", aoai_api_key_file), lines("AZURE_OPENAI_API_BASE", aoai_api_base_file)
        made += get_config_list(keys, urls, api_type="azure") if keys else []
    return made


def config_list_from_models(
    key_file_path: str | None = ".",
    openai_api_key_file: str | None = "key_openai.txt",
    aoai_api_key_file: str | None = "key_aoai.txt",
    aoai_api_base_file: str | None = "base_aoai.txt",
    exclude: Excluded | None = None,
    model_list: Sequence[str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Return what ``config_list_openai_aoai`` does, once for each model.

    Args:
        key_file_path: as there, like all but the last.
        openai_api_key_file: keys of OpenAI.
        aoai_api_key_file: keys of Azure.
        aoai_api_base_file: addresses of Azure.
        exclude: ``"openai"`` or ``"aoai"``.
        model_list: the models; None names none.
        environ: the environment to look in; by default this process's.
    """
    found = config_list_openai_aoai(
        key_file_path,
        openai_api_key_file=openai_api_key_file,
        aoai_api_key_file=aoai_api_key_file,
        aoai_api_base_file=aoai_api_base_file,
        exclude=exclude,
        environ=environ,
    )
    return [{**config, "model": model} for model in model_list for config in found] if model_list else found


def config_list_gpt4_gpt35(
    key_file_path: str | None = ".",
    openai_api_key_file: str | None = "key_openai.txt",
    aoai_api_key_file: str | None = "key_aoai.txt",
    aoai_api_base_file: str | None = "base_aoai.txt",
    exclude: Excluded | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Return ``config_list_from_models`` for the classic's two models, ``gpt-4`` and ``gpt-3.5-turbo``."""
    return config_list_from_models(
        key_file_path, openai_api_key_file, aoai_api_key_file, aoai_api_base_file, exclude, _DEFAULT_MODELS, environ=environ
    )


def config_list_from_dotenv(
    dotenv_file_path: str | None = None,
    model_api_key_map: Mapping[str, str | Mapping[str, Any]] | None = None,
    filter_dict: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Return a configuration for each model whose key is in a ``.env`` file or in the environment, which wins.

    Args:
        dotenv_file_path: the file. Default: ``.env`` in this folder or the nearest one above it, if there is one. Where the one that was
            named is missing, a warning is logged, and keys come from the environment alone.
        model_api_key_map: for each model the variable that holds its key, or a dictionary with ``api_key_env_var`` and what else goes into
            its configuration; ``base_url``, ``api_type`` and ``api_version`` may be names of variables, too. The classic's two models are
            added with ``OPENAI_API_KEY``.
        filter_dict: keep only what ``filter_config`` keeps.
        environ: the environment; by default this process's.

    Raises:
        UsageError: a model's entry is neither text nor a dictionary.
    """
    values = {**_dotenv(dotenv_file_path), **(os.environ if environ is None else environ)}
    made = []
    for model, given in {**dict.fromkeys(_DEFAULT_MODELS, "OPENAI_API_KEY"), **(model_api_key_map or {})}.items():
        if not isinstance(given, (str, Mapping)):
            raise UsageError(f"model_api_key_map[{model!r}] is {given!r:.80}; it must be a variable's name or a dictionary.")
        more = {"api_key_env_var": given} if isinstance(given, str) else dict(given)
        variable = more.pop("api_key_env_var", "OPENAI_API_KEY")
        if key := values.get(variable, "").strip():
            made.append({"api_key": key, **{name: _looked_up(name, value, values) for name, value in more.items()}, "model": model})
        else:
            _log.warning("There is no key for %s: %s is neither in the .env file nor in the environment.", model, variable)
    return filter_config(made, filter_dict)


def _dotenv(given: str | None) -> dict[str, str]:
    here = Path.cwd()
    path = Path(given) if given else next((one / ".env" for one in (here, *here.parents) if (one / ".env").is_file()), None)
    if path is None:
        return {}
    if not path.is_file():
        _log.warning("There is no file %r, so keys come from the environment. It would have lines such as OPENAI_API_KEY=….", str(path))
        return {}
    stripped = (line.strip().removeprefix("export ") for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in stripped if "=" in line and not line.startswith("#"))
    return {name.strip(): _unquoted(value.strip()) for name, _, value in pairs}


def _looked_up(name: str, value: Any, values: Mapping[str, str]) -> Any:
    return values.get(value, value) if name in _MAY_BE_VARIABLES and isinstance(value, str) else value


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value.partition(" #")[0].rstrip()
