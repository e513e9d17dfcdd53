"""``jupyter agentchat doctor``."""

from __future__ import annotations

import json

from ..doctor import Finding, as_json, as_text, examine
from ..portal import run_sync

__all__ = ["doctor"]


def doctor(model: str | None, *, is_json: bool) -> int:
    """Print what is found, each thing when it is; return 1 where something failed."""
    found: list[Finding] = []

    async def look() -> None:
        async for finding in examine(model):
            found.append(finding)
            if not is_json:
                lines = as_text([finding]).split("\n")
                is_new = len(found) == 1 or found[-2].area != finding.area
                print("\n".join(lines if is_new else lines[1:]), flush=True)

    run_sync(look)()
    if is_json:
        print(json.dumps(as_json(found), indent=2, ensure_ascii=False))
    return int(any(finding.status == "failed" for finding in found))
