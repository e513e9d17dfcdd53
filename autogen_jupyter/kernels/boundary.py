"""What holds generated code back, in words for people."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Boundary", "bubblewrapped", "network_note", "not_isolated", "on_server"]


@dataclass(frozen=True, slots=True)
class Boundary:
    """What holds for the code that an executor runs. Only inside a boundary may code run without a question.

    Example:
        >>> if not executor.boundary.isolated:
        ...     print(executor.boundary.notice)
    """

    name: str
    """``bubblewrap``, ``server`` or ``none``."""
    isolated: bool
    """Whether code that is hostile is held back by more than its author's good will."""
    description: str
    """What holds and what does not, in a sentence or two."""
    notice: str = ""
    """What the person has to be told before code runs; empty when it is what they expect."""


_NO_NETWORK = re.compile(
    r"Failed to establish a new connection|NameResolutionError|[Nn]ame resolution|Name or service not known|Network is unreachable"
    r"|Could not resolve host|No matching distribution found"
)


def network_note(said: str) -> str:
    """Return a note for whoever reads that something could not be reached from code that has no network; empty when that is not it."""
    if not _NO_NETWORK.search(said):
        return ""
    return (
        "[No network: this code runs isolated. Packages and data have to be there already; the user can allow the network (network=True).]"
    )


def not_isolated(why: str, *, chosen: bool = False) -> Boundary:
    """Return the boundary of an ordinary process.

    Args:
        why: what keeps isolation from working.
        chosen: whether the user asked for no isolation.
    """
    description = (
        "Generated code runs in a process of its own, without your keys in its environment. It can do what you can do on this machine: "
        "read and change your files, and use the network."
    )
    notice = "" if chosen else f"Generated code is not isolated: {why} Every block should be looked at before it runs. {description}"
    return Boundary("none", isolated=False, description=description, notice=notice)


def bubblewrapped(*, folder: str, is_layered: bool, network: bool, mounts: tuple[str, ...], memory: int) -> Boundary:
    """Return the boundary of a kernel under bubblewrap."""
    writes = (
        f"reads {folder} and writes to a layer over it: your files stay as they are until you bring its files back"
        if is_layered
        else f"reads and writes {folder}"
    )
    net = (
        "It can use the network, with everything that listens on this machine, and so send out what it reads."
        if network
        else "It has no network."
    )
    others = f" It also sees {', '.join(mounts)}." if mounts else ""
    description = (
        f"Generated code is isolated by bubblewrap: it {writes}. It sees the installed software and no other files, no other process "
        f"and none of your keys.{others} {net} It may use {memory / (1 << 30):.1f} GiB of memory."
    )
    return Boundary("bubblewrap", isolated=True, description=description)


def on_server(url: str) -> Boundary:
    """Return the boundary of a kernel on another machine, of which nothing is known here."""
    description = (
        f"Generated code runs on {url}: away from this machine's files and processes and without your keys. There it can do what the "
        "account of its kernel can do; what holds it back there is the server's affair."
    )
    return Boundary("server", isolated=False, description=description)
