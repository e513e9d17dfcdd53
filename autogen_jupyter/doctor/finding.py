"""What the doctor says: findings, each with its remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..redaction import without_secrets

__all__ = ["Finding", "as_json", "as_text"]

Status = Literal["ok", "warning", "failed", "unknown"]
_MARKS = {"ok": "✓", "warning": "!", "failed": "✗", "unknown": "?"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Example:
        >>> print(as_text([Finding("model", "reachable", "ok", "127.0.0.1:8080 answered in 3 ms")]))
        model
          ✓ reachable: 127.0.0.1:8080 answered in 3 ms
    """

    area: str
    """``model``, ``kernel`` or ``front end``."""
    check: str
    status: Status
    text: str
    remedy: str = ""
    """What to do; empty where all is well."""


def as_text(findings: Sequence[Finding]) -> str:
    """Return findings for people."""
    lines, area = [], ""
    for finding in without_secrets(list(findings)):
        if finding.area != area:
            area = finding.area
            lines.append(area)
        lines.append(f"  {_MARKS[finding.status]} {finding.check}: {finding.text}")
        if finding.remedy:
            lines.append(f"      → {finding.remedy}")
    return "\n".join(lines)


def as_json(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings for programs."""
    return [asdict(finding) for finding in without_secrets(list(findings))]
