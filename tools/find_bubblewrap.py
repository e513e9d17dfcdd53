"""Say where bubblewrap is, for the tests of isolated kernels; install Debian's where that is possible without asking anybody.

Nothing fails without it: the tests that need it are skipped and say so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

MISSING = "No bubblewrap: tests of isolated kernels are skipped. To have them run: sudo apt-get install bubblewrap"


def main() -> int:
    can_install = sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None
    if shutil.which("bwrap") is None and can_install:
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "bubblewrap"]):
            print("+", *command, file=sys.stderr, flush=True)
            if subprocess.run(command, env=quiet, stdout=sys.stderr, check=False).returncode != 0:
                break
    print(shutil.which("bwrap") or MISSING)
    return 0


if __name__ == "__main__":
    sys.exit(main())
