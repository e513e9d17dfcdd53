"""Runs inside the agent kernel, like ``bootstrap.py``, in whose module it ends up: what the executor asks of the kernel by name."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
import types
from pathlib import Path
from shutil import which
from typing import Any

CODE_SUFFIXES = (".py", ".ipy", ".sh", ".bash", ".r", ".jl", ".js", ".ts", ".css")
"""Files that a block may overwrite. Texts, pages, queries and settings may be somebody's data."""
SAVED: set[Path] = set()
"""What blocks have saved, and may save again."""
SHELLS = {"bash": ["bash", "sh"], "sh": ["sh", "bash"], "zsh": ["zsh", "bash", "sh"]}
HOME_FOLDER = Path.cwd()
MOST_VARIABLES = 200
LONGEST_TEXT = 120
"""Characters that stand for a variable's value in a listing."""


def run_shell(language: str, script: str, keeps_state: bool = False) -> None:
    """Run a shell script in the kernel's working directory; its exit code goes where ``!`` leaves it, in ``_exit_code``.

    A script that does nothing but change directory and variables changes those of the kernel, as ``%cd`` and ``%env`` would.
    """
    from IPython import get_ipython

    names = SHELLS.get(language, SHELLS["bash"])
    shell = next(filter(None, map(which, names)), None)
    if shell is None:
        sys.stderr.write(f"not executed: there is no {' or '.join(names)} on this machine\n")
        get_ipython().user_ns["_exit_code"] = 127
        return
    sys.stdout.flush()
    state = tempfile.TemporaryFile() if keeps_state else None  # noqa: SIM115  # closed below
    handed: tuple[int, ...] = (state.fileno(),) if state else ()
    if state:
        script += f"\n{{ _exit=$?; pwd -P; env -0; }} >/dev/fd/{state.fileno()}; exit $_exit"  # dash knows no >&12
    with subprocess.Popen([shell, "-c", script], stdin=subprocess.DEVNULL, pass_fds=handed) as process:  # noqa: S603  # it is the point
        try:
            code = process.wait()
        except KeyboardInterrupt:
            code = 128 + signal.SIGINT
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.2)  # the interrupt went to the whole group: let it end by itself
            process.kill()
    if state:
        with state:
            state.seek(0)
            take_over_state(state.read())
    get_ipython().user_ns["_exit_code"] = 128 - code if code < 0 else code


def take_over_state(told: bytes) -> None:
    """Go where a shell ended up, with the variables that it had there."""
    folder, _, listing = told.partition(b"\n")
    pairs = (entry.partition(b"=") for entry in listing.split(b"\0") if b"=" in entry)
    found = {os.fsdecode(name): os.fsdecode(value) for name, _, value in pairs}
    if not found:
        return
    for name in ("_", "_exit", "SHLVL", "PWD", "OLDPWD"):
        found.pop(name, None)
    for name in os.environ.keys() - found.keys() - {"_", "SHLVL", "PWD", "OLDPWD"}:
        del os.environ[name]
    os.environ.update(found)
    with contextlib.suppress(OSError):
        os.chdir(folder)


def save_block(name: str, text: str) -> str:
    """Save a block of code under a name in the working directory; return why not, or nothing."""
    try:
        return save_in_home(Path(name), name, text)
    except (OSError, ValueError) as error:  # too long, or no name at all
        return f"{name[:80]}: {getattr(error, 'strerror', None) or error}"


def save_in_home(path: Path, name: str, text: str) -> str:
    """Save a block of code; return why not, or nothing."""
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        return f"{name} lies outside the working directory"
    home = HOME_FOLDER.resolve()
    target = (home / path).resolve()
    if target == home or home not in target.parents:
        return f"{name} lies outside the working directory"
    if target.exists() and target not in SAVED and (not target.is_file() or target.suffix.lower() not in CODE_SUFFIXES):
        return f"{name} exists and is not a file of code"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8", errors="replace")
    SAVED.add(target)
    return ""


def find_packages_of_its_own(_shell: Any) -> None:
    """Let packages be found that pip installs where only this kernel sees them, by this process and by those that it starts."""
    prefix = os.environ.get("PIP_PREFIX")
    if prefix:
        scheme = sysconfig.get_preferred_scheme("prefix")
        packages = sysconfig.get_path("purelib", scheme, {"base": prefix, "platbase": prefix})
        sys.path.append(packages)
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), packages)))
        os.environ["PATH"] = os.pathsep.join((os.environ.get("PATH", os.defpath), os.path.join(prefix, "bin")))


def keep_block(name: str, text: str) -> None:
    """Save a block of code that is not run, and say where; where it cannot be saved, it has failed."""
    if refused := save_block(name, text):
        sys.exit(f"not saved: {refused}")
    sys.stdout.write(f"Code saved to {HOME_FOLDER / name}\n")


def limit_memory(size: int) -> None:
    """Let this process hold no more than ``size`` bytes of data; whoever asks for more gets a MemoryError."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    size = size if most == resource.RLIM_INFINITY else min(size, most)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def variables() -> list[dict[str, Any]]:
    """Return the user's variables by name: type, shape, size in bytes, and a short text; no code of theirs runs for it."""
    from IPython import get_ipython

    shell = get_ipython()
    space = dict(shell.user_ns)
    hidden = set(shell.user_ns_hidden)
    names = [name for name, value in space.items() if is_of_interest(name, value) and name not in hidden]
    return [describe_variable(name, space[name]) for name in names[:MOST_VARIABLES]]


def is_of_interest(name: str, value: Any) -> bool:
    return isinstance(name, str) and not name.startswith("_") and type(value) is not types.ModuleType


def describe_variable(name: str, value: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "type": type_name(type(value)), "shape": None, "size": None, "text": ""}
    with contextlib.suppress(Exception):
        row.update(describe_array(value) if is_array(value) else {"shape": length(value), "size": sys.getsizeof(value)})
    row["text"] = row["text"] or short(value)
    return row


def type_name(kind: type) -> str:
    """Return a type's name as people write it: ``pandas.DataFrame``, although pandas 2 keeps it in ``pandas.core.frame``."""
    module = type.__getattribute__(kind, "__module__")
    if module == "builtins":
        return kind.__name__
    top = module.split(".")[0] if type(module) is str else ""
    package = sys.modules.get(top)
    is_public = type(package) is types.ModuleType and vars(package).get(kind.__name__) is kind
    return f"{top if is_public else module}.{kind.__name__}"


def is_array(value: Any) -> bool:
    """Say whether this is exactly a type of numpy's or pandas's, whose attributes run no code of anybody else."""
    kinds = (("numpy", "ndarray"), ("pandas", "DataFrame"), ("pandas", "Series"))
    return any(type(value) is getattr(sys.modules.get(module), name, None) for module, name in kinds)


def describe_array(value: Any) -> dict[str, Any]:
    shape = [int(side) for side in value.shape]
    if hasattr(value, "columns"):
        labels = ", ".join(short(label) for label in value.columns[:8])
        more = ", …" if len(value.columns) > 8 else ""
        return {"shape": shape, "size": int(value.memory_usage(index=True).sum()), "text": f"columns: {labels}{more}"[:LONGEST_TEXT]}
    return {"shape": shape, "size": int(value.nbytes), "text": f"dtype: {str(value.dtype)[:LONGEST_TEXT]}"}


def length(value: Any) -> list[int] | None:
    return [len(value)] if type(value) in (list, tuple, dict, set, frozenset, str, bytes, bytearray) else None


def short(value: Any, depth: int = 2) -> str:
    """Return a text for a value; only types that Python brings along are asked for theirs, because any other may take for ever."""
    kind = type(value)
    if kind in (bool, float, complex, type(None), type(...), range):
        return repr(value)
    if kind is int:
        return repr(value) if value.bit_length() < 400 else f"<int of {value.bit_length():,} bits>"
    if kind in (str, bytes, bytearray):
        return clipped(repr(value[:LONGEST_TEXT]))
    if kind is dict and depth:
        items = [f"{short(key, depth - 1)}: {short(one, depth - 1)}" for key, one in itertools.islice(value.items(), 5)]
        return clipped("{" + ", ".join(items) + (", …}" if len(value) > 5 else "}"))
    if kind in (list, tuple, set, frozenset) and depth:
        inside = ", ".join(short(one, depth - 1) for one in itertools.islice(value, 5)) + (", …" if len(value) > 5 else "")
        opening, closing = "[]" if kind is list else "()" if kind is tuple else "{}"
        return clipped(f"{opening}{inside}{closing}")
    return f"<{kind.__name__}>"


def clipped(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
