"""What subclasses, or somebody on one object, put in the place of a public method: chats go through it, as they do in the classic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["overridden"]


def overridden(owner: object, base: type, *names: str) -> Callable[..., Any] | None:
    """Return the first of these methods of ``base`` that ``owner`` has in a way of its own, or None."""
    kind = type(owner)
    for name in names:
        if name in owner.__dict__ or (kind is not base and getattr(kind, name) is not getattr(base, name)):
            return getattr(owner, name)  # type: ignore[no-any-return]
    return None
