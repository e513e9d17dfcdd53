"""Leaves the user's keys, sets limits, lays an overlay over the working directory, and becomes bubblewrap, which refuses some calls.

Run as a script (``boxed.py`` writes the line):
``python -I -S box.py memory=BYTES file=BYTES processes=N folder=… upper=… work=… -- bwrap …``

Every agent kernel waits for it, so it imports little: ``json``, ``typing``, ``platform`` and ``contextlib`` take longer than all it does.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import struct
import sys

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_REC_PRIVATE = 0x4000 | (1 << 18)
KEYCTL = {"x86_64": 250, "i686": 288, "armv7l": 311, "ppc64le": 271, "s390x": 280}
"""Number of the system call, which the C library does not wrap; 219 on every newer kind of processor."""
KEYCTL_JOIN_SESSION_KEYRING = 1
KEY_CALLS = {"x86_64": (0xC000003E, 248, 250), "aarch64": (0xC00000B7, 217, 219)}
"""The kind of processor as Linux's audit numbers it, and the first and the last system call that is about keys."""
X32 = 0x40000000
"""From here on, system calls of x86-64 have second names."""


def main() -> None:
    """Prepare this process as the words before ``--`` say, then run the command after it in its place."""
    end = sys.argv.index("--")
    plan = dict(word.split("=", 1) for word in sys.argv[1:end])
    go_first()
    leave_keys()
    if "folder" in plan:
        lay_over(plan["folder"], plan["upper"], plan["work"])
    limit(resource.RLIMIT_CORE, "0")
    limit(resource.RLIMIT_DATA, plan.get("memory"))
    limit(resource.RLIMIT_FSIZE, plan.get("file"))
    limit(resource.RLIMIT_NPROC, plan.get("processes"))
    program, *words = sys.argv[end + 1 :]
    os.execvp(program, [program, *refuse_key_calls(), *words])  # noqa: S606  # no shell is wanted


def go_first() -> None:
    """Where memory runs out, go before anything of the user's; the code can take that back."""
    try:
        with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
            file.write("1000")
    except OSError:
        return


def refuse_key_calls() -> list[str]:
    """Return the words that let bubblewrap refuse system calls about keys: who knows a keyring's number may use it from anywhere.

    The filter is a program for Linux's seccomp. Calls in the manner of other processors, which have other numbers, are unknown in it.
    """
    if os.uname().machine not in KEY_CALLS or sys.maxsize < 1 << 32:
        return []
    processor, first, last = KEY_CALLS[os.uname().machine]
    load, is_equal, is_from, is_above, end = 0x20, 0x15, 0x35, 0x25, 0x06
    allow, refused, unknown = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
    steps = [  # what to do, how many steps to skip if so and if not, with which number
        (load, 0, 0, 4),
        (is_equal, 0, 6, processor),
        (load, 0, 0, 0),
        (is_from, 4, 0, X32),
        (is_from, 0, 2, first),
        (is_above, 1, 0, last),
        (end, 0, 0, refused),
        (end, 0, 0, allow),
        (end, 0, 0, unknown),
    ]
    reading, writing = os.pipe()
    os.write(writing, b"".join(struct.pack("=HBBI", *step) for step in steps))
    os.close(writing)
    os.set_inheritable(reading, True)
    return ["--seccomp", str(reading)]


def limit(kind: int, given: str | None) -> None:
    """Lower a limit for good; one that is lower already stays."""
    if given is None:
        return
    hard = resource.getrlimit(kind)[1]
    value = int(given) if hard == resource.RLIM_INFINITY else min(int(given), hard)
    resource.setrlimit(kind, (value, value))


def leave_keys() -> None:
    """Take an empty keyring of its own: that of the user's session would be passed on, with the keys in it."""
    libc = ctypes.CDLL(None, use_errno=True)
    joined = libc.syscall(KEYCTL.get(os.uname().machine, 219), KEYCTL_JOIN_SESSION_KEYRING, None)
    if joined < 0 and ctypes.get_errno() not in (errno.ENOSYS, errno.EPERM):  # without keyrings, or in a container where nobody has one
        check(joined, "leave the user's keyring")


def lay_over(folder: str, upper: str, work: str) -> None:
    """Mount an overlay on ``folder``, seen by this process and its children alone: what they write goes to ``upper``."""
    libc = ctypes.CDLL(None, use_errno=True)
    options = enter_mount_namespace(libc)
    check(libc.mount(None, b"/", None, MS_REC_PRIVATE, None), "make mounts private")
    # By descriptor: colons and commas in a path would be read as separators.
    lower_fd, upper_fd, work_fd = (os.open(path, os.O_PATH) for path in (folder, upper, work))
    data = f"lowerdir=/proc/self/fd/{lower_fd},upperdir=/proc/self/fd/{upper_fd},workdir=/proc/self/fd/{work_fd}{options}"
    check(libc.mount(b"overlay", os.fsencode(folder), b"overlay", 0, data.encode()), f"lay an overlay over {folder}")


def enter_mount_namespace(libc: ctypes.CDLL) -> str:
    """Get mounts of our own; return the options that an overlay needs there."""
    if os.geteuid() == 0 and libc.unshare(CLONE_NEWNS) == 0:
        return ""
    user, group = os.geteuid(), os.getegid()
    check(libc.unshare(CLONE_NEWUSER | CLONE_NEWNS), "make a user namespace")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)
    return ",userxattr"


def check(result: int, what: str) -> None:
    """Stop where a system call failed."""
    if result != 0:
        sys.exit(f"cannot {what}: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    main()
