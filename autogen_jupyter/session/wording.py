"""Phrases that every view of a chat shares, so that the terminal, the saved page and the exports say the same thing."""

from __future__ import annotations

from ..terminal import one_line

__all__ = [
    "duration",
    "ended",
    "ending",
    "model_label",
    "run_outcome",
    "run_state",
    "seconds_text",
    "short_outcome",
    "short_usage",
    "tool_heading",
    "tool_outcome",
    "tool_state",
    "usage_text",
    "without_last_word",
]

LAST_WORD = "TERMINATE"
"""What the classic's default prompts tell a model to write when the task is done."""

_FAILURES = {
    "error": "failed",
    "timeout": "timed out",
    "interrupted": "interrupted",
    "died": "the agent kernel died",
}


_STATES = {
    "proposed": "Not run yet",
    "ok": "Done",
    "timeout": "Timed out",
    "interrupted": "Interrupted",
    "died": "The agent kernel died",
    "refused": "Not run",
}


def model_label(model: str, *, is_language_model: bool, separator: str = " ") -> str:
    """Return the name of a model for a heading; what is not a language model says so."""
    name = one_line(model)
    if not name or is_language_model:
        return name
    return f"{name}{separator}(not a language model)" if separator == " " else f"{name}{separator}not a language model"


def run_outcome(status: str, exit_code: int | None, seconds: float | None) -> str:
    """Say how a run ended: ``exit code 0 · 1.2 s``, ``timed out · exit code 124 · 60 s``, ``not run``."""
    if status == "refused":
        return "not run"
    parts = [_FAILURES.get(status, "" if status in ("ok", "") else one_line(status))]
    parts.append("" if exit_code is None else f"exit code {exit_code}")
    parts.append("" if seconds is None else seconds_text(seconds))
    return " · ".join(part for part in parts if part) or "finished"


def short_outcome(status: str, seconds: float | None) -> str:
    """Say how a run ended besides its exit code: ``1.2 s``, ``timed out · 60 s``."""
    parts = ["" if status in ("ok", "error", "") else _FAILURES.get(status, one_line(status))]
    parts.append("" if seconds is None else seconds_text(seconds))
    return " · ".join(part for part in parts if part)


def run_state(status: str, exit_code: int | None, block: int, blocks: int) -> str:
    """Say how a run stands, as the live view does: ``Done``, ``Running block 2 of 3``, ``Error, exit code 2``."""
    if status == "running":
        return f"Running block {block + 1} of {blocks}" if blocks > 1 else "Running"
    if status == "error":
        return "Error" if exit_code in (None, 1) else f"Error, exit code {exit_code}"
    return _STATES.get(status) or one_line(status)


def duration(seconds: float) -> str:
    """Return a duration as the live view does: ``0.02 s``, ``1.2 s``, ``35 s``, ``2 min 5 s``."""
    if 0 < seconds < 0.095:
        return "< 0.01 s" if seconds < 0.005 else f"{seconds:.2f} s"
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    whole = int(seconds + 0.5)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def short_usage(prompt_tokens: int, completion_tokens: int, usd: float | None) -> str:
    """Return tokens and cost as the live view does: ``2.7K tokens, $0.0024``; nothing when no model counted any."""
    tokens = prompt_tokens + completion_tokens
    if not tokens:
        return ""
    cost = ", cost unknown" if usd is None else f", ${usd:.4f}" if 0 < usd < 0.01 else f", ${usd:.2f}" if usd > 0 else ""
    return f"{_compact(tokens)} tokens{cost}"


def _compact(number: int) -> str:
    """Return a number in at most four signs: ``312``, ``2.7K``, ``13K``, ``1.2M``."""
    size, sign = next(((size, sign) for size, sign in ((1_000_000, "M"), (1_000, "K")) if number >= size), (1, ""))
    return f"{number / size:.1f}".removesuffix(".0") + sign


def tool_outcome(name: str, seconds: float | None, *, is_error: bool) -> str:
    """Say how a tool call ended: ``add returned · 0.02 s``, ``add failed · 1.2 s``."""
    outcome = f"{one_line(name) or 'the tool'} {'failed' if is_error else 'returned'}"
    return outcome if seconds is None else f"{outcome} · {seconds_text(seconds)}"


def tool_heading(name: str, state: str, seconds: float | None) -> str:
    """Say where a tool call stands, for a page: as ``tool_outcome``, or that it was only asked for."""
    if state in ("ok", "error"):
        return tool_outcome(name, seconds, is_error=state == "error")
    stands = {"running": "is running", "interrupted": "was interrupted", "refused": "was not run"}.get(state, "was asked for")
    return f"{one_line(name) or 'the tool'} {stands}"


def tool_state(state: str) -> str:
    """Say where a tool call stands, as the live view does: ``Not run yet``, ``Running``, ``Done``, ``Error``."""
    words = {"asked": "Not run yet", "running": "Running", "error": "Error"}
    return words.get(state) or _STATES.get(state) or one_line(state)


def seconds_text(seconds: float) -> str:
    """Return a duration for people: ``0.02 s``, ``1.2 s``, ``35 s``, ``2 min 5 s``."""
    if seconds < 0.095:
        return f"{seconds:.2f} s"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60} s"


def usage_text(prompt_tokens: int, completion_tokens: int, usd: float | None) -> str:
    """Return tokens and cost on one line, or nothing when no model counted any."""
    if not prompt_tokens and not completion_tokens:
        return ""
    cost = "cost unknown" if usd is None else "no cost" if usd == 0 else f"{usd:.4f} USD" if usd < 0.995 else f"{usd:.2f} USD"
    return f"{prompt_tokens:,} tokens in · {completion_tokens:,} out · {cost}"


def ending(reason: str, prompt_tokens: int, completion_tokens: int, usd: float | None) -> str:
    """Say why a chat is over and what it took."""
    return " · ".join(part for part in (one_line(reason, 200), usage_text(prompt_tokens, completion_tokens, usd)) if part)


def ended(reason: str, prompt_tokens: int, completion_tokens: int, usd: float | None) -> str:
    """Say in one line that a chat is over, why, and what it took."""
    why = one_line(reason, 200)
    usage = usage_text(prompt_tokens, completion_tokens, usd)
    return f"chat ended{': ' if why else ''}{why}{' · ' if usage else ''}{usage}"


def without_last_word(text: str, *, is_reply: bool = False) -> str:
    """Return a message as people read it: without the word at its end that only tells the other agent to stop.

    Args:
        text: the message.
        is_reply: whether a model wrote it. In other messages the word is cut only where it stands by itself, after a line break or
            the end of a sentence, so that a person who asks for it ("when done, say TERMINATE") keeps their words.
    """
    core = text.rstrip()
    core = core[:-1] if core[-1:] in ("!", ".") else core
    if not core.endswith(LAST_WORD):
        return text
    before = core[: -len(LAST_WORD)]
    shown = before.rstrip()
    if shown == before and before and not before[-1].isspace():
        return text
    stands_alone = not shown or "\n" in before[len(shown) :] or shown[-1] in ".!?:;…)]}`*"
    return shown if is_reply or stands_alone else text
