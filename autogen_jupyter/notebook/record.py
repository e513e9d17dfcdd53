"""The record: chats of a person are kept in a private folder, so that they can go on when their kernel is gone.

One file for each conversation, in the form of a ledger. It holds what was said, the code and its outputs, and no key: a model's key is
in no event, and the answer to a password question has no text.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..models.day_ledger import state_folder
from ..session.ledger import Ledger

__all__ = ["DAYS", "RECORD_VARIABLE", "Recorded", "is_kept", "new_record", "record_file", "record_folder", "recorded_chats"]

RECORD_VARIABLE = "AUTOGEN_JUPYTER_RECORD"
"""``off`` keeps nothing; ``on`` keeps chats of runs without a person too; a number says for how many days. Default: 30 days."""
DAYS = 30
_FILE = re.compile(r"\d{8}-\d{6}-[\w-]{1,80}\.jsonl")
_OFF = {"off", "0", "no", "false", "never"}


@dataclass(frozen=True)
class Recorded:
    """A chat in the record, by its first and last lines."""

    path: Path
    name: str
    folder: str
    """Where its kernel worked."""
    began: datetime
    asked: str
    """Its first request."""

    @property
    def id(self) -> str:
        """What ``%agentchat resume`` takes."""
        return self.path.stem


def record_folder() -> Path:
    """Return where the record is: below ``AUTOGEN_JUPYTER_STATE``, or where the system keeps such things."""
    return state_folder() / "chats"


def is_kept(*, has_person: bool) -> bool:
    """Say whether chats are recorded here."""
    said = os.environ.get(RECORD_VARIABLE, "").strip().lower()
    return said not in _OFF and (has_person or bool(said))


def new_record(name: str, options: Mapping[str, Any], messages: list[dict[str, Any]], id_: str = "") -> Ledger | None:
    """Begin the record of a conversation with what it knows already; None when the folder cannot be used.

    Args:
        id_: what the conversation is known by in other kernels and in outputs.
    """
    folder = record_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        forget_old(folder)
        began = datetime.now(timezone.utc)
        slug = re.sub(r"[^\w-]+", "-", name, flags=re.ASCII).strip("-")[:40] or "chat"
        path = _free(folder, f"{began:%Y%m%d-%H%M%S}-{slug}")
        ledger = Ledger(path)
    except OSError:
        return None
    said = {key: value for key, value in options.items() if isinstance(value, (str, int, float, bool))}
    started = {"kind": "record_started", "name": name, "id": id_, "folder": str(Path.cwd()), "began": began.isoformat(), "options": said}
    ledger.remark(started)
    for number, message in enumerate(messages):
        ledger.remark({"kind": "message_added", "message": {**message, "id": f"earlier-{number}"}, "recipient": ""})
    return ledger


def recorded_chats() -> list[Recorded]:
    """Return the chats in the record, the newest first."""
    folder = record_folder()
    try:
        paths = sorted((path for path in folder.iterdir() if _FILE.fullmatch(path.name)), reverse=True)
    except OSError:
        return []
    return [found for path in paths if (found := _recorded(path)) is not None]


def record_file(id_: str) -> Path | None:
    """Return the file of a chat in the record, or None."""
    path = record_folder() / f"{id_}.jsonl"
    return path if _FILE.fullmatch(path.name) and path.is_file() else None


def forget_old(folder: Path) -> None:
    """Delete records that were not written to for longer than they are kept."""
    oldest = time.time() - _days() * 24 * 3600
    for path in folder.iterdir():
        with suppress(OSError):
            if _FILE.fullmatch(path.name) and path.stat().st_mtime < oldest:
                path.unlink()


def _days() -> float:
    said = os.environ.get(RECORD_VARIABLE, "").strip()
    if not re.fullmatch(r"\d+", said):
        return DAYS
    return int(said)


def _free(folder: Path, stem: str) -> Path:
    for number in range(1, 1_000):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}.jsonl"
        if not path.exists():
            return path
    raise UsageError(f"{folder} has too many chats that began this second.")


def _recorded(path: Path) -> Recorded | None:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            first = json.loads(file.readline())
            asked = next((text for line in file if (text := _request(line))), "")
        began = datetime.fromisoformat(str(first["began"]))
        return Recorded(path, str(first["name"]), str(first["folder"]), began, asked) if asked else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _request(line: str) -> str:
    """Return the text of a line that holds a message, and nothing for any other."""
    if '"message_added"' not in line[:40]:
        return ""
    try:
        content = json.loads(line)["message"]["content"]
    except (ValueError, KeyError, TypeError):
        return ""
    return content if isinstance(content, str) else ""
