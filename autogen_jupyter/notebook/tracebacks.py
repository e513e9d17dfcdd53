"""No traceback that a cell shows holds a secret, whoever raised the error."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..redaction import redacted, without_secrets

__all__ = ["watch_tracebacks"]


def watch_tracebacks(shell: Any) -> Callable[[], None]:
    """Take secrets out of what IPython shows of errors from now on; return the function that ends this.

    The error itself is cleaned too, as front ends and programs that run notebooks are told of it besides.
    """
    own = "_showtraceback" in shell.__dict__
    show = shell._showtraceback

    def show_clean(kind: type[BaseException], error: BaseException, lines: Iterable[str]) -> None:
        _clean(error)
        show(kind, error, [redacted(line) for line in lines])

    def end() -> None:
        if shell.__dict__.get("_showtraceback") is show_clean:
            if own:
                shell._showtraceback = show
            else:
                del shell._showtraceback

    shell._showtraceback = show_clean
    return end


def _clean(error: BaseException) -> None:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        clean = without_secrets(one.args)
        if clean is not one.args:
            one.args = tuple(clean)
        waiting += [one.__cause__, one.__context__]
