"""Configuration files: which model to use, and short names for models, in TOML.

The project's file is ``autogen_jupyter.toml`` in the working directory or the nearest folder above it, the user's
``~/.config/autogen_jupyter/config.toml`` (``%APPDATA%\\autogen_jupyter`` on Windows). The project's comes first. It may come with files of
somebody else, so it can name models and addresses, but never which of your keys goes there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["PROJECT_FILE", "Settings", "read_settings", "user_file"]

PROJECT_FILE = "autogen_jupyter.toml"
_EXAMPLE = 'model = "ollama/qwen3:8b", or a table [models.NAME] with model, base_url, …'


@dataclass(frozen=True)
class Settings:
    """What the files say.

    Example:
        >>> Settings(model="fast", source="config.toml").model
        'fast'
    """

    model: str = ""
    source: str = ""
    """The file that names the model, as shown to people."""
    models: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)  # they may hold keys
    """For each short name an entry as ``llm_config`` takes it."""


def user_file(environ: Mapping[str, str] | None = None) -> Path | None:
    """Return where the user's file would be; None where nothing says where that is."""
    environ = os.environ if environ is None else environ
    if named := environ.get("AUTOGEN_JUPYTER_CONFIG", "").strip():
        return Path(named)
    folder = environ.get("XDG_CONFIG_HOME", "").strip() or environ.get("APPDATA", "").strip()
    home = environ.get("HOME", "").strip() or environ.get("USERPROFILE", "").strip()
    if not (folder or home):
        return None
    return (Path(folder) if folder else Path(home) / ".config") / "autogen_jupyter" / "config.toml"


def read_settings(environ: Mapping[str, str] | None = None, *, folder: Path | None = None) -> Settings:
    """Read the project's file and the user's; what the project's says comes first.

    Raises:
        UsageError: a file cannot be read, or says something that means nothing.
    """
    environ = os.environ if environ is None else environ
    projects, users = _project_file(folder or Path.cwd()), user_file(environ)
    made = Settings()
    if users is not None and users.is_file():
        made = _read(users, environ, is_users=True)
    if projects is not None and projects != users:
        ours = _read(projects, environ, is_users=False)
        made = Settings(ours.model or made.model, ours.source if ours.model else made.source, {**made.models, **ours.models})
    return made


def _project_file(folder: Path) -> Path | None:
    """Look upwards, up to the root of the repository or the home folder."""
    for place in (folder, *folder.parents):
        if (place / PROJECT_FILE).is_file():
            return place / PROJECT_FILE
        if (place / ".git").exists() or place == Path.home():
            return None
    return None


def _read(path: Path, environ: Mapping[str, str], *, is_users: bool) -> Settings:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {_without_quotes(error)}.") from None
    unknown = sorted(set(given) - {"model", "models"})
    if unknown:
        raise UsageError(f"{path} has the unknown key {unknown[0]!r}. It takes {_EXAMPLE}.")
    model, models = given.get("model", ""), given.get("models", {})
    if not isinstance(model, str) or not isinstance(models, dict) or not all(isinstance(entry, dict) for entry in models.values()):
        raise UsageError(f"{path} cannot be understood. Write {_EXAMPLE}.")
    return Settings(model.strip(), path.name, {name: _entry(path, name, entry, environ, is_users) for name, entry in models.items()})


def _entry(path: Path, name: str, entry: Mapping[str, Any], environ: Mapping[str, str], is_users: bool) -> dict[str, Any]:
    made = dict(entry)
    variable = made.pop("api_key_env", None)
    if variable is None:
        return made
    if not is_users:
        raise UsageError(
            f"{path} says which of your keys goes to [models.{name}] (api_key_env), which only your own file may: {user_file(environ)}."
        )
    if key := environ.get(str(variable), "").strip():
        made["api_key"] = key
    return made


def _without_quotes(error: Exception) -> str:
    """The parser's message names the place; it must not quote the file, which may hold keys."""
    return str(error).split("\n")[0][:200] if isinstance(error, ValueError) else (getattr(error, "strerror", "") or type(error).__name__)
