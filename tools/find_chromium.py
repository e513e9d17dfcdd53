"""Print the path of a Chromium for the browser tests; install Debian's where that is possible without asking anybody.

``CHROMIUM=/path/to/chrome`` names one. Otherwise: a browser on the PATH, one that Playwright downloaded, and, for root on Debian, apt-get.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DOWNLOADED = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*", "chromium-*/chrome-win*/chrome.exe")
MISSING = """\
The browser tests need Chromium, and none was found. One of these gives you one:
  Debian, Raspberry Pi OS:  sudo apt-get install chromium
  Fedora:                   sudo dnf install chromium
  anywhere:                 .venv/bin/playwright install chromium
or name a Chrome or Chromium that you have:  make ui-test CHROMIUM=/path/to/chrome"""


def playwright_cache() -> Path:
    """Return the folder where Playwright keeps the browsers it downloads."""
    named = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/ms-playwright"
    if sys.platform == "win32":
        return Path.home() / "AppData/Local/ms-playwright"
    return Path.home() / ".cache/ms-playwright"


def find() -> str | None:
    """Return the path of an installed Chromium or Chrome."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    on_path = next(filter(None, map(shutil.which, NAMES)), None)
    downloaded = (path for pattern in DOWNLOADED for path in sorted(playwright_cache().glob(pattern), reverse=True))
    return on_path or next(map(str, downloaded), None)


def is_root_on_debian() -> bool:
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    try:
        return platform.freedesktop_os_release()["ID"] == "debian"  # Ubuntu's package of that name is an empty shell around a snap
    except OSError:
        return False


def apt_install() -> None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]):
        print("+", *command, file=sys.stderr, flush=True)
        if subprocess.run(command, env=quiet, stdout=sys.stderr, check=False).returncode != 0:
            return


def main() -> int:
    found = find()
    if found is None and "CHROMIUM" not in os.environ and is_root_on_debian():
        apt_install()
        found = find()
    if found is None:
        print(MISSING, file=sys.stderr)
        return 1
    print(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
