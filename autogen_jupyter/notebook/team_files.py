"""Teams as files, to be shared: TOML, YAML or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ..errors import UsageError
from .teams import Member, TeamPlan, plan_from

__all__ = ["read_team", "write_team"]

SUFFIXES = (".toml", ".yaml", ".yml", ".json")


def read_team(file: str | Path) -> TeamPlan:
    """Return the team that a file defines.

    Raises:
        UsageError: the file cannot be read, or what it says cannot work; the message names the file.

    Example:
        >>> read_team("analysts.toml")  # doctest: +SKIP
    """
    path = Path(file).expanduser()
    read = _readers(path)
    try:
        given = read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no {path.suffix[1:].upper()}: {error}") from error
    if not isinstance(given, Mapping):
        raise UsageError(f"{path} does not define a team: it holds {type(given).__name__} and not keys with values.")
    return plan_from(given, str(path))


def write_team(plan: TeamPlan, file: str | Path) -> None:
    """Write a team to a file that ``read_team`` reads; an existing one is replaced.

    Raises:
        UsageError: the team holds objects that no file can hold, or the file cannot be written.
    """
    path = Path(file).expanduser()
    if path.suffix not in SUFFIXES:
        raise UsageError(f"A team is written to a file that ends in {', '.join(SUFFIXES)}; {path} does not.")
    if plan.made:
        raise UsageError(f"The team {plan.name!r} has agents that were made in Python ({', '.join(plan.made)}); a file cannot hold these.")
    if odd := next((member for member in plan.agents if not isinstance(member.model, (str, type(None)))), None):
        raise UsageError(f"The model of {odd.name!r} is a {type(odd.model).__name__}; only a model's name can be written to a file.")
    given = _as_dict(plan)
    text = json.dumps(given, ensure_ascii=False, indent=2) + "\n" if path.suffix != ".toml" else _toml(given)  # YAML reads JSON too
    if path.suffix in (".yaml", ".yml"):
        text = str(_yaml().safe_dump(given, allow_unicode=True, sort_keys=False, width=100))
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error}.") from error


def _readers(path: Path) -> Any:
    if path.suffix == ".toml":
        return import_module("tomllib" if sys.version_info >= (3, 11) else "tomli").loads
    if path.suffix in (".yaml", ".yml"):
        return _load_yaml
    if path.suffix == ".json":
        return json.loads
    raise UsageError(f"A team is read from a file that ends in {', '.join(SUFFIXES)}; {path} does not.")


def _yaml() -> Any:
    try:
        return import_module("yaml")
    except ImportError as error:
        raise UsageError('YAML files need PyYAML: pip install "pyyaml". TOML files need nothing.') from error


def _load_yaml(text: str) -> Any:
    yaml = _yaml()
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error


def _as_dict(plan: TeamPlan) -> dict[str, Any]:
    usual = TeamPlan(plan.name, plan.agents)
    said = {key: getattr(plan, key) for key in ("description", "rounds", "max_messages") if getattr(plan, key) != getattr(usual, key)}
    return {"name": plan.name, **said, "agents": [_member(member) for member in plan.agents]}


def _member(member: Member) -> dict[str, Any]:
    usual = Member(member.name)
    keys = ("description", "model", "reviews", "system_message")
    return {"name": member.name, **{key: getattr(member, key) for key in keys if getattr(member, key) != getattr(usual, key)}}


def _toml(given: Mapping[str, Any]) -> str:
    top = [f"{key} = {_value(value)}" for key, value in given.items() if key != "agents"]
    tables = [["", "[[agents]]", *(f"{key} = {_value(value)}" for key, value in one.items())] for one in given["agents"]]
    return "\n".join([*top, *(line for table in tables for line in table), ""])


def _value(value: object) -> str:
    """Return a value as TOML writes it: texts as JSON does, those of several lines between three quotes."""
    if isinstance(value, str) and "\n" in value:
        return '"""\n' + json.dumps(value, ensure_ascii=False)[1:-1].replace("\\n", "\n").replace("\x7f", "\\u007f") + '"""'
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
