"""What a kernel under bubblewrap sees of the machine: the command line that builds its world."""

from __future__ import annotations

import contextlib
import fnmatch
import os
import shutil
import site
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import KernelStartError

__all__ = ["HOME", "TOOLS", "Walls", "inner_environment", "is_within", "refusal"]

HOME = "/tmp/home"  # noqa: S108  # inside, /tmp is the kernel's own
"""The home folder inside: empty, and gone with the kernel."""

_ETC = """
ld.so.cache ld.so.conf ld.so.conf.d alternatives localtime timezone fonts ssl pki ca-certificates passwd group nsswitch.conf
mime.types R java-17-openjdk java-21-openjdk
""".split()  # noqa: SIM905
_ETC_NETWORK = ("resolv.conf", "hosts", "gai.conf", "services", "protocols")
_PROC = ("sys", "sysrq-trigger", "irq", "bus", "fs", "acpi", "scsi", "mtrr")
"""Parts of /proc that a root user could write to, inside too."""
_PROC_HIDDEN = ("kcore", "keys", "timer_list", "sched_debug", "latency_stats")
_SECRET_FILES = (
    *(".env", ".env.*", ".envrc", "OAI_CONFIG_LIST*", ".netrc", ".pypirc", ".npmrc", ".Renviron", ".git-credentials", ".pgpass"),
    *("credentials.json", "secrets.toml", "*.pem", "*.key", "*.p12", "*.pfx", "id_rsa*", "id_ed25519*", "id_ecdsa*", "id_dsa*"),
)
"""Top-level files of the working directory that hold keys more often than data."""
_PRIVATE_FOLDERS = (".ssh", ".aws", ".azure", ".gnupg", ".kube", ".docker", ".config", ".jupyter", ".mozilla")
TOOLS = (".git", ".hg", ".vscode", ".idea")
"""Folders in which programs of the user find commands to run: never writable."""
_FORBIDDEN = ("/", "/proc", "/sys", "/dev", "/etc", "/usr", "/bin", "/sbin", "/lib", "/boot", "/run", "/var", "/tmp", "/home", "/opt")  # noqa: S108


@dataclass(frozen=True)
class Walls:
    """The world of one kernel; ``command`` is what builds it."""

    folder: str
    """Working directory, at its own path and writable. Under it lies an overlay where writing must not reach it."""
    argv: tuple[str, ...]
    """The kernel's command; the programs and files that it names are readable."""
    sockets: str | None = None
    """Folder in which the kernel makes its sockets."""
    files: tuple[str, ...] = ()
    """Other files and folders that the kernel reads in order to work."""
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    network: bool = False
    scratch: int = 1 << 30
    """Bytes that each of /tmp and /dev/shm holds."""

    def command(self) -> list[str]:
        """Return the command line of bubblewrap, up to the kernel's own.

        Raises:
            KernelStartError: a folder cannot be shown to the kernel.
        """
        size = str(self.scratch)
        words = ["bwrap", "--die-with-parent", "--cap-drop", "ALL", "--unshare-user", "--disable-userns"]
        words += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "sandbox"]
        words += [] if self.network else ["--unshare-net"]
        words += [*self._system(), "--proc", "/proc", "--dev", "/dev", "--size", size, "--tmpfs", "/dev/shm"]  # noqa: S108
        words += ["--size", size, "--tmpfs", "/tmp", "--dir", HOME, *_font_lists()]  # noqa: S108
        for _, option, source, target in sorted(self._places(), key=lambda place: place[0]):
            words += ["--size", size, "--tmpfs", target] if option == "--tmpfs" else [option, source, target]
        for name in _PROC:
            words += ["--ro-bind-try", f"/proc/{name}", f"/proc/{name}"]
        for name in _PROC_HIDDEN:
            words += ["--ro-bind", "/dev/null", f"/proc/{name}"] if os.path.exists(f"/proc/{name}") else []
        return [*words, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", self.folder]

    def _system(self) -> Iterator[str]:
        yield from ("--ro-bind", "/usr", "/usr")
        for name in ("bin", "sbin", "lib", "lib32", "lib64"):
            if os.path.islink(f"/{name}"):
                yield from ("--symlink", os.readlink(f"/{name}"), f"/{name}")
            elif os.path.isdir(f"/{name}"):
                yield from ("--ro-bind", f"/{name}", f"/{name}")
        for name in (*_ETC, *(_ETC_NETWORK if self.network else ())):
            yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
        yield from ("--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu")

    def _places(self) -> Iterator[tuple[tuple[int, int], str, str, str]]:
        """Yield (order, option, source, target): outer folders first, so that inner ones show inside them."""
        for folder in (self.folder, *self.writable, *self.readable):
            if problem := refusal(folder):
                raise KernelStartError(f"An isolated agent kernel cannot be given the folder {folder!r}: {problem}.")
        for rank, option, paths in (
            (0, "--ro-bind", [*_programs(self.argv), *self.files]),
            (1, "--ro-bind", self.readable),
            (2, "--bind", [self.folder, *self.writable, *([self.sockets] if self.sockets else [])]),
        ):
            for path in dict.fromkeys(paths):
                yield (_depth(path), rank), option, path, path
        for path in self._hidden():
            yield (_depth(path), 0), "--tmpfs" if os.path.isdir(path) else "--ro-bind", "/dev/null", path
        for shown in (self.folder, *self.writable):
            for name in TOOLS:
                path = os.path.join(shown, name)
                if os.path.lexists(path) and not os.path.islink(path):
                    yield (_depth(path), 1), "--ro-bind", path, path

    def _hidden(self) -> Iterator[str]:
        """Yield what lies in folders of the user and is not to be reached."""
        shown = (self.folder, *self.writable, *self.readable)
        for folder in shown:
            yield from _private(folder)
        yield from _sockets(shown)


def inner_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for inside: home, temporary files, and packages that code installs are the kernel's own there."""
    gone = ("XDG_", "IPYTHONDIR", "JUPYTER", "MPLCONFIGDIR", "TEMP", "TMP")
    kept = {name: value for name, value in env.items() if not name.startswith(gone)}
    pip = {"PIP_PREFIX": f"{HOME}/packages", "PIP_NO_INPUT": "1", "PIP_RETRIES": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return kept | pip | {"HOME": HOME, "TMPDIR": "/tmp"}  # noqa: S108


def is_within(path: str, folder: str) -> bool:
    """Say whether ``path`` is ``folder`` or lies in it."""
    return Path(path) == Path(folder) or Path(folder) in Path(path).parents


def _depth(path: str) -> int:
    return len(Path(path).parts)


def refusal(folder: str) -> str:
    """Say why a folder cannot be shown to a kernel in a sandbox; empty when it can."""
    if os.path.normpath(folder) in _FORBIDDEN or os.path.realpath(folder) in _FORBIDDEN:
        return "it belongs to the system; use a folder of your own"
    return "" if os.path.isdir(folder) else "it does not exist"


def _private(shown: str) -> Iterator[str]:
    """Yield what a folder that is shown to the kernel must not show."""
    home = os.path.expanduser("~")
    folders = [shown, home] if is_within(home, shown) else [shown]
    for folder in dict.fromkeys(folders):
        is_home = os.path.realpath(folder) == os.path.realpath(home)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            named = entry.name in _PRIVATE_FOLDERS or any(fnmatch.fnmatchcase(entry.name, pattern) for pattern in _SECRET_FILES)
            if (named or (is_home and entry.name.startswith("."))) and not entry.is_symlink():
                yield entry.path


def _sockets(folders: Sequence[str]) -> Iterator[str]:
    """Yield the sockets in folders: whoever listens there would answer, though the folder is read-only and there is no network.

    Linux tells where sockets are bound; of those bound by a relative path, only what is right in a folder is found.
    """
    bound: set[str] = set()
    with contextlib.suppress(OSError), open("/proc/net/unix", encoding="utf-8", errors="surrogateescape") as lines:
        bound = {line.rstrip("\n").split(maxsplit=7)[-1] for line in lines}
    for folder in dict.fromkeys(folders):
        real = os.path.realpath(folder)
        inside = {os.path.join(folder, os.path.relpath(path, real)) for path in bound if path.startswith(f"{real}/")}
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            inside |= {one.path for one in entries if not (one.is_symlink() or one.is_file() or one.is_dir())}
        for path in sorted(inside):
            with contextlib.suppress(OSError):
                if stat.S_ISSOCK(os.lstat(path).st_mode):
                    yield path


def _programs(argv: Sequence[str]) -> Iterator[str]:
    """Yield the folders that a kernel's program and libraries are in, and the files that its command names."""
    program = shutil.which(argv[0]) or argv[0]
    prefixes = [*_prefixes(program)]
    if os.path.realpath(program) == os.path.realpath(sys.executable):
        prefixes += [sys.prefix, sys.base_prefix, sys.exec_prefix, *_import_folders()]
    yield from (prefix for prefix in prefixes if not is_within(prefix, "/usr") and prefix not in _FORBIDDEN and os.path.isdir(prefix))
    yield from (word for word in argv[1:] if os.path.isabs(word) and os.path.isfile(word))


def _prefixes(program: str) -> Iterator[str]:
    """Yield the installation that a program belongs to, and those that it links to."""
    for _ in range(8):
        yield os.path.dirname(os.path.dirname(os.path.abspath(program)))
        if not os.path.islink(program):
            return
        program = os.path.join(os.path.dirname(program), os.readlink(program))


def _import_folders() -> Iterator[str]:
    """Yield where this interpreter finds modules outside of its installation: a user site, packages installed for editing."""
    home = os.path.expanduser("~")
    here = os.path.abspath("")  # what "" and "." mean; the kernel sees its working directory anyway
    entries = [*sys.path, site.getusersitepackages() if site.ENABLE_USER_SITE else ""]
    for entry in dict.fromkeys(map(os.path.abspath, entries)):
        if os.path.isdir(entry) and entry != here and not is_within(home, entry):
            yield entry


def _font_lists() -> list[str]:
    """Show matplotlib the list of fonts that it made for the user: to make it again takes seconds."""
    cache = Path(os.environ.get("MPLCONFIGDIR") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "matplotlib")).expanduser()
    words = ["--dir", f"{HOME}/.cache/matplotlib"]
    for path in sorted(cache.glob("fontlist-v*.json")) if cache.is_dir() else []:
        words += ["--ro-bind", str(path), f"{HOME}/.cache/matplotlib/{path.name}"]
    return words
