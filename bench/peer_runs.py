"""Run the same work in other packages: each in an interpreter of its own, started from here, so that one run has all the figures.

``--peer NAME=PYTHON`` names one; NAME is for the table, and PYTHON an interpreter that has AutoGen 0.2, AG2 0.9, or AutoGen 0.4 and later.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["add_option", "measured"]

_SCRIPTS = Path(__file__).resolve().parent / "peers"
_PROBE = (
    "import importlib.util as u; print('agentchat' if u.find_spec('autogen_agentchat') else 'classic' if u.find_spec('autogen') else '')"
)
_LONGEST = 600
"""Seconds a peer may take."""


def add_option(parser: argparse.ArgumentParser) -> None:
    """Let the command line name peers."""
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON", help="compare with the package of this interpreter")


def measured(peers: Sequence[str], what: str, sizes: Sequence[str]) -> Mapping[str, Any]:
    """Return what each peer's script measured, by the peer's name."""
    made = {}
    for peer in peers:
        name, _, python = peer.partition("=")
        script = _run(python, "-c", _PROBE)
        if not script:
            raise SystemExit(f"{python} has none of the packages that can be compared.")
        made[name] = json.loads(_run(python, str(_SCRIPTS / f"{script}.py"), what, *sizes).splitlines()[-1])
    return made


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done.stdout.strip()
