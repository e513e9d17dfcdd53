"""Notebook kernels with another ipykernel than the installed one: a folder with that one package before the others on the path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autogen_jupyter" / "ipykernel"


def overlay(wanted: str) -> Path | None:
    """Return a folder with this version of ipykernel, downloaded once; None when it is the one that is installed."""
    if version("ipykernel") == wanted:
        return None
    folder = CACHE / wanted
    if not (folder / "ipykernel").is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", "--target", str(folder)]
        subprocess.run([*command, f"ipykernel=={wanted}"], check=True)
    return folder


def write_kernelspec(data: Path, wanted: str, *path: str) -> str:
    """Make a kernel known to the server that keeps its data there, and return its name."""
    folder = overlay(wanted)
    name = f"ipykernel-{wanted}"
    target = data / "kernels" / name
    target.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": f"ipykernel {wanted}",
        "language": "python",
        "env": {"PYTHONPATH": os.pathsep.join([*([str(folder)] if folder else []), *path])},
    }
    (target / "kernel.json").write_text(json.dumps(spec))
    return name
