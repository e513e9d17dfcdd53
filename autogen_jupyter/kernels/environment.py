"""The environment variables that an agent kernel may see: an allow-list, because keys live in the environment too."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping

__all__ = ["kernel_environment", "remote_environment"]

_NAMES = frozenset(
    """
    PATH HOME USER LOGNAME SHELL TERM LANG LANGUAGE TZ TMPDIR TEMP TMP
    VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV CONDA_EXE CONDA_PYTHON_EXE CONDA_SHLVL PYENV_VERSION PYENV_ROOT
    PYTHONPATH PYTHONHOME PYTHONUTF8 PYTHONIOENCODING PYTHONHASHSEED PYTHONWARNINGS IPYTHONDIR
    LD_LIBRARY_PATH DYLD_LIBRARY_PATH DYLD_FALLBACK_LIBRARY_PATH
    XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME FONTCONFIG_PATH FONTCONFIG_FILE
    SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NO_PROXY
    CUDA_HOME CUDA_PATH CUDA_VISIBLE_DEVICES JAVA_HOME R_HOME GDAL_DATA PROJ_LIB PROJ_DATA
    SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES USERPROFILE USERNAME
    HOMEDRIVE HOMEPATH NUMBER_OF_PROCESSORS PROCESSOR_ARCHITECTURE
    """.split()  # noqa: SIM905  # eighty quoted words would be worse to read
)
_PREFIXES = ("LC_", "MPL", "OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "NUMBA_")
_ADDRESSES = (
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "FTP_PROXY",
    "ALL_PROXY",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
)
"""Addresses, let through only when no user name or password stands in them."""
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH")

_FIXED = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "PYTHONBREAKPOINT": "0", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
"""Plots as pictures in the outputs, and no debugger that would wait for somebody."""


def kernel_environment(extra: Mapping[str, str] | None = None, *, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for an agent kernel: what programs need to work, and what the user adds on purpose.

    Args:
        extra: variables that the user wants the kernel to have; taken as they are.
        given: where the rest is taken from; by default this process's environment.
    """
    made = {name: value for name, value in (os.environ if given is None else given).items() if _is_allowed(name.upper(), value)}
    folder = os.path.dirname(sys.executable)
    others = [entry for entry in made.get("PATH", os.defpath).split(os.pathsep) if entry != folder]
    made["PATH"] = os.pathsep.join([folder, *others])  # or `pip` and `python` in a shell block are another environment's
    return made | _FIXED | dict(extra or {})


def remote_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return what to add to the environment of a kernel on another machine: nothing of this one's, but what the user adds on purpose."""
    return {"PYTHONBREAKPOINT": _FIXED["PYTHONBREAKPOINT"]} | dict(extra)


def _is_allowed(name: str, value: str) -> bool:
    if name in _ADDRESSES:
        return "@" not in value
    return name in _NAMES or (name.startswith(_PREFIXES) and not _SECRET.search(name))
