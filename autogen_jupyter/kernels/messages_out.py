"""Runs inside the agent kernel, like ``bootstrap.py``, in whose module it ends up: makes messages that everybody can read."""

from __future__ import annotations

import json
import re
from typing import Any

LONGEST_ERROR = 100_000
"""Characters that an error's text, or a line of its traceback, may have."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def send_readable_messages(shell: Any) -> None:
    """Send no half characters, such as names of files that are no UTF-8 have: whoever gets them could read nothing of the message.

    And bound what an error says of itself: to format, send and show a message of megabytes takes longer than anybody waits.
    """
    session = shell.kernel.session
    former = session.pack

    def pack(message: Any) -> bytes:
        if isinstance(message, dict) and "evalue" in message:
            message = bounded_error(message)
        try:
            packed: bytes = former(message)
            packed.decode()
        except UnicodeError:
            text = json.dumps(message, default=str, ensure_ascii=False)
            packed = former(json.loads(_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)))
        return packed

    session.pack = pack


def bounded_error(content: dict[str, Any]) -> dict[str, Any]:
    """Return an error as it is, or with the middle of what is too long left out."""
    lines = [middle_out(line) for line in content.get("traceback") or ()]
    return {**content, "evalue": middle_out(content["evalue"]), "traceback": lines}


def middle_out(given: Any, most: int = LONGEST_ERROR) -> str:
    """Return a text, or its beginning and end."""
    text = str(given)
    if len(text) <= most:
        return text
    return f"{text[: most // 2]}\n… [{len(text) - most:,} characters left out] …\n{text[-(most // 2) :]}"


def leave_as_a_script_does(shell: Any) -> None:
    """Let ``exit()`` and ``quit()`` end a cell as ``sys.exit()`` does. IPython's end the kernel, a moment later and with all state."""

    def leave(code: Any = None) -> None:
        raise SystemExit(*[] if code is None else [code])

    for name in ("exit", "quit"):
        shell.user_ns[name] = shell.user_ns_hidden[name] = leave
