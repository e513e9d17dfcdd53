"""A picture of who may speak after whom, as SVG: any browser draws it, and it holds no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from ..agent import Agent
from .transitions import Transitions, check_members

if TYPE_CHECKING:
    from .group_chat import GroupChat

__all__ = ["transitions_svg", "visualize_speaker_transitions_dict"]

_NODE = 26.0
"""Radius of a node, in pixels."""
_LABEL = 24
"""Characters of a name that are shown; the whole name is the node's title."""
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1a1a1a;stroke:#fff;stroke-width:3px;paint-order:stroke}"
    "circle{fill:#e8f0fe;stroke:#1a56b0}path{fill:none;stroke:#555}"
    "marker path{fill:#555;stroke:none}.sink circle{fill:#f3f3f3;stroke:#888;stroke-dasharray:4 3}"
)


def transitions_svg(groupchat: GroupChat) -> str:
    """Return a picture of who may speak after whom in a group. Agents that nobody may follow have a dashed outline.

    Example:
        >>> from IPython.display import SVG  # doctest: +SKIP
        >>> SVG(transitions_svg(groupchat))  # doctest: +SKIP
    """
    return draw(groupchat.allowed_speaker_transitions_dict, groupchat.agents)


def visualize_speaker_transitions_dict(
    speaker_transitions_dict: Transitions, agents: Sequence[Agent], export_path: str | Path | None = None
) -> str:
    """Draw a graph of transitions; return the SVG, and save it where a path is given.

    Raises:
        UsageError: it names an agent that is not among ``agents``.
    """
    check_members(speaker_transitions_dict, agents)
    picture = draw(speaker_transitions_dict, agents)
    if export_path is not None:
        Path(export_path).write_text(picture, encoding="utf-8")
    return picture


def draw(transitions: Transitions, agents: Sequence[Agent]) -> str:
    """Return the graph as SVG: the agents on a circle, clockwise from the top, and an arrow for each transition."""
    radius = max(70.0, 34.0 * len(agents) / math.pi * 1.4) if len(agents) > 1 else 0.0
    half = radius + 2 * _NODE + 60
    angles = {agent: 2 * math.pi * number / max(1, len(agents)) - math.pi / 2 for number, agent in enumerate(agents)}
    places = {agent: (half + radius * math.cos(angle), half + radius * math.sin(angle)) for agent, angle in angles.items()}
    arrows = [
        _loop(places[agent], angles[agent]) if agent is other else _arrow(places[agent], places[other])
        for agent in agents
        for other in transitions.get(agent, ())
    ]
    nodes = [_node(agent.name, places[agent], is_sink=not transitions.get(agent)) for agent in agents]
    size = f"{2 * half:.0f}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" height="{size}" role="img">'
        f"<title>Who may speak after whom</title><style>{_STYLE}</style>"
        '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse">'
        f'<path d="M0 0L10 5L0 10z"/></marker></defs>{"".join(arrows)}{"".join(nodes)}</svg>'
    )


def _node(name: str, at: tuple[float, float], *, is_sink: bool) -> str:
    label = name if len(name) <= _LABEL else name[: _LABEL - 1] + "…"
    kind = "sink" if is_sink else "agent"
    x, y = at
    return (
        f'<g class="{kind}"><title>{_text(name)}</title>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_NODE}"/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{_text(label)}</text></g>'
    )


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Bend to the left, so that the way there and the way back are two lines."""
    (x0, y0), (x1, y1) = start, end
    length = math.hypot(x1 - x0, y1 - y0)
    dx, dy = (x1 - x0) / length, (y1 - y0) / length
    bend = 0.14 * length
    middle = ((x0 + x1) / 2 + dy * bend, (y0 + y1) / 2 - dx * bend)
    return _curve(_towards(start, middle), [middle], _towards(end, middle))


def _loop(at: tuple[float, float], angle: float) -> str:
    ends, handles = [], []
    for turn in (-0.45, 0.45):
        ends.append((at[0] + _NODE * math.cos(angle + turn), at[1] + _NODE * math.sin(angle + turn)))
        handles.append((at[0] + 3 * _NODE * math.cos(angle + turn), at[1] + 3 * _NODE * math.sin(angle + turn)))
    return _curve(ends[0], handles, ends[1])


def _towards(start: tuple[float, float], goal: tuple[float, float]) -> tuple[float, float]:
    """Return the point on a node's outline that faces ``goal``."""
    length = math.hypot(goal[0] - start[0], goal[1] - start[1]) or 1.0
    return start[0] + _NODE * (goal[0] - start[0]) / length, start[1] + _NODE * (goal[1] - start[1]) / length


def _curve(start: tuple[float, float], handles: Sequence[tuple[float, float]], end: tuple[float, float]) -> str:
    kind = "Q" if len(handles) == 1 else "C"
    points = " ".join(f"{x:.1f} {y:.1f}" for x, y in (*handles, end))
    return f'<path d="M{start[0]:.1f} {start[1]:.1f}{kind}{points}" marker-end="url(#head)"/>'


def _text(name: str) -> str:
    """Escape a name; characters that XML has no place for are dropped."""
    return escape("".join(char for char in name if char.isprintable()))
