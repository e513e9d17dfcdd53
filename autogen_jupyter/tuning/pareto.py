"""Which of several results are not beaten by another one in everything, and a picture of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from .table import shown_number

__all__ = ["Point", "front", "svg"]

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _EDGE = 560, 300, 62, 46, 14
_LINE = "rgba(128,128,128,0.45)"
_FRONT = "var(--jp-brand-color1,#1976d2)"
_TEXT = 'font-size="12" font-family="sans-serif" fill="currentColor"'


@dataclass(frozen=True)
class Point:
    """A result in a picture."""

    x: float
    y: float
    name: str = ""


def front(losses: Sequence[Sequence[float]]) -> list[int]:
    """Return the places of those that no other one beats: as small in everything, and smaller in something.

    Example:
        >>> front([(1, 5), (2, 2), (3, 3), (5, 1)])
        [0, 1, 3]
    """

    def beats(one: Sequence[float], other: Sequence[float]) -> bool:
        return all(a <= b for a, b in zip(one, other, strict=True)) and tuple(one) != tuple(other)

    return [at for at, own in enumerate(losses) if not any(beats(other, own) for other in losses)]


def svg(points: Sequence[Point], edge: Sequence[Point], *, x: str, y: str) -> str:
    """Return the points as SVG, and a line through those of ``edge``. It has the colours of the page around it."""
    if not points:
        return ""
    across, up = (
        _Scale([point.x for point in points], _LEFT, _WIDTH - _EDGE),
        _Scale([point.y for point in points], _HEIGHT - _BOTTOM, _EDGE),
    )
    on_edge = set(edge)
    line = " ".join(f"{across.at(point.x):.1f},{up.at(point.y):.1f}" for point in edge)
    dots = "".join(
        f'<circle cx="{across.at(point.x):.1f}" cy="{up.at(point.y):.1f}" r="{5 if point in on_edge else 4}" '
        f'fill="{_FRONT if point in on_edge else _LINE}"><title>{escape(point.name)}\n'
        f"{y} {shown_number(point.y)}, {x} {shown_number(point.x)}</title></circle>"
        for point in sorted(points, key=lambda point: point in on_edge)
    )
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _EDGE
    ticks = "".join(
        f'<text x="{across.at(value):.1f}" y="{bottom + 17}" text-anchor="middle" {_TEXT}>{shown_number(value)}</text>'
        for value in across.ticks
    ) + "".join(
        f'<text x="{_LEFT - 7}" y="{up.at(value) + 4:.1f}" text-anchor="end" {_TEXT}>{shown_number(value)}</text>' for value in up.ticks
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" style="max-width:100%" role="img" '
        f'aria-label="{escape(y)} against {escape(x)}, with the Pareto front">'
        f'<path d="M{_LEFT} {_EDGE}V{bottom}H{right}" fill="none" stroke="{_LINE}"/>{ticks}'
        f'<text x="{(_LEFT + right) / 2:.0f}" y="{_HEIGHT - 8}" text-anchor="middle" {_TEXT}>{escape(x)}</text>'
        f'<text transform="translate(14 {(_EDGE + bottom) / 2:.0f}) rotate(-90)" text-anchor="middle" {_TEXT}>{escape(y)}</text>'
        f'<polyline points="{line}" fill="none" stroke="{_FRONT}" stroke-width="2"/>{dots}</svg>'
    )


class _Scale:
    """Values on a stretch of pixels, with room at both ends."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        low, high = min(values), max(values)
        room = (high - low) * 0.08 or abs(high) * 0.1 or 1.0
        self._low, self._high, self._begin, self._end = low - room, high + room, begin, end
        self.ticks = sorted({low, (low + high) / 2, high})

    def at(self, value: float) -> float:
        return self._begin + (value - self._low) / (self._high - self._low) * (self._end - self._begin)
