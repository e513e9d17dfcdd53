"""Install this project, with extras, into the virtual environment whose Python runs this script.

    python tools/install.py demo lab          # -e .[demo,lab]
    python tools/install.py --package NAME    # a package that is not a dependency

uv does it: about eight times faster than pip on an empty cache. But uv reads none of pip's configuration, so the settings that decide
*where* packages come from (mirror, proxy, certificates) are handed over; and where uv fails, pip gets its turn.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SECTIONS = ("global", "install", ":env:")
"""Sections of pip's configuration that hold for an installation; a later one wins."""


def pip_settings() -> dict[str, str]:
    """Return pip's settings for an installation, from its files and its environment variables."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False).stdout
    found: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in found:
            found[section][name] = str(ast.literal_eval(value))
    return {name: value for section in SECTIONS for name, value in found[section].items()}


def uv_environment(pip: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that make uv look where pip would."""
    made = {"UV_SYSTEM_CERTS": "true", "UV_INDEX_STRATEGY": "unsafe-best-match"}  # both are how pip behaves
    words = {name: " ".join(value.split()) for name, value in pip.items()}
    same = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "trusted-host": "UV_INSECURE_HOST",
        "constraint": "UV_CONSTRAINT",
        "cert": "SSL_CERT_FILE",
        "proxy": "ALL_PROXY",
        "timeout": "UV_HTTP_TIMEOUT",
    }
    made |= {variable: words[name] for name, variable in same.items() if words.get(name)}
    if words.get("find-links"):
        made["UV_FIND_LINKS"] = words["find-links"].replace(" ", ",")
    if words.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        made["UV_NO_INDEX"] = "true"
    return made


def install(*what: str) -> int:
    """Install with uv, or else with pip; return the exit code."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    uv = shutil.which("uv", path=os.path.dirname(sys.executable))
    if uv is None:
        subprocess.run([*pip, "install", "--quiet", "uv>=0.5"], check=False)
        uv = shutil.which("uv", path=os.path.dirname(sys.executable))
    if uv is not None:
        environment = uv_environment(pip_settings()) | os.environ
        if (
            subprocess.run([uv, "pip", "install", "--python", sys.executable, *what], cwd=ROOT, env=environment, check=False).returncode
            == 0
        ):
            return 0
    print("uv could not install it; pip tries now (slower).", file=sys.stderr, flush=True)
    return subprocess.run([*pip, "install", *what], cwd=ROOT, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("extras", nargs="*", help="extras of this project (see pyproject.toml)")
    parser.add_argument("--package", action="append", default=[], help="install this package instead of the project")
    arguments = parser.parse_args()
    return install(*(arguments.package or ["-e", f".[{','.join(arguments.extras)}]"]))


if __name__ == "__main__":
    sys.exit(main())
