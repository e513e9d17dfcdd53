"""The classic's helpers that load and filter lists of model configurations."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import UsageError

__all__ = ["ConfigNotFoundError", "config_list_from_json", "filter_config", "get_config_list"]


class ConfigNotFoundError(UsageError, FileNotFoundError):
    """Neither an environment variable nor a file of that name holds a configuration."""


def config_list_from_json(
    env_or_file: str,
    file_location: str | None = "",
    filter_dict: Mapping[str, Any] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Load a list of model configurations.

    Args:
        env_or_file: an environment variable that holds JSON or the path of a JSON file; else the name of such a file.
        file_location: the folder of that file.
        filter_dict: keep only what ``filter_config`` keeps.
        environ: the environment to look in; by default this process's.

    Raises:
        ConfigNotFoundError: there is neither (also a ``FileNotFoundError``, as in the classic).
        UsageError: what was found is not a JSON list of objects.
    """
    value = (os.environ if environ is None else environ).get(env_or_file, "").strip()
    if value and not _is_file(value):
        return filter_config(_parsed(value, f"The environment variable {env_or_file}"), filter_dict)
    path = Path(value) if value else Path(file_location or "") / env_or_file
    if not path.is_file():
        raise ConfigNotFoundError(
            f"No configuration: the environment variable {env_or_file} is not set, and {str(path)!r} is not a file. "
            'Write a JSON list there: [{"model": "gpt-6-luna", "api_key": "…"}].'
        )
    return filter_config(_parsed(path.read_text(encoding="utf-8"), str(path)), filter_dict)


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # JSON is too long for a path, or has characters that none may have
        return False


def _parsed(text: str, where: str) -> list[dict[str, Any]]:
    """Errors name the place, never the text: it holds keys."""
    try:
        found = json.loads(text)
    except ValueError as error:
        where_in = f"{error.msg}, line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "not JSON"
        raise UsageError(f"{where} holds neither JSON nor the path of a file ({where_in}).") from None
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise UsageError(f'{where} holds JSON, but not a list of objects. Write [{{"model": "…", "api_key": "…"}}].')
    return found


def filter_config(
    config_list: Iterable[Mapping[str, Any]], filter_dict: Mapping[str, Any] | None, exclude: bool = False
) -> list[dict[str, Any]]:
    """Return the configurations that meet every criterion.

    Args:
        config_list: the configurations.
        filter_dict: for each key the accepted values. A list in a configuration (``tags``) meets them when it shares one;
            None among the values accepts a configuration that lacks the key.
        exclude: return those that meet no criterion instead.

    Example:
        >>> filter_config([{"model": "a", "tags": ["cheap"]}, {"model": "b"}], {"tags": ["cheap", None]})
        [{'model': 'a', 'tags': ['cheap']}, {'model': 'b'}]
    """
    criteria = {key: _as_list(values) for key, values in (filter_dict or {}).items()}
    return [dict(entry) for entry in config_list if all(_meets(entry.get(key), accepted) != exclude for key, accepted in criteria.items())]


def _as_list(values: Any) -> Sequence[Any]:
    """A single value stands for itself; in the classic a text would match its own substrings."""
    return list(values) if isinstance(values, (list, tuple, set, frozenset)) else [values]


def _meets(value: Any, accepted: Sequence[Any]) -> bool:
    if isinstance(value, (list, tuple)):
        return any(item in accepted for item in value)
    return value in accepted


def get_config_list(
    api_keys: Sequence[str], base_urls: Sequence[str] | None = None, api_type: str | None = None, api_version: str | None = None
) -> list[dict[str, Any]]:
    """Return one configuration for each key that is not blank; add a ``model`` to each, or beside the list.

    Raises:
        UsageError: there are not as many addresses as keys.
    """
    if base_urls is not None and len(api_keys) != len(base_urls):
        raise UsageError(f"get_config_list got {len(api_keys)} api_keys and {len(base_urls)} base_urls. Give one address for each key.")
    extra = {name: value for name, value in (("api_type", api_type), ("api_version", api_version)) if value}
    urls = [{"base_url": url} for url in base_urls] if base_urls else [{}] * len(api_keys)
    return [{"api_key": key, **url, **extra} for key, url in zip(api_keys, urls, strict=True) if key.strip()]
