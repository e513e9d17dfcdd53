"""The looks of the saved page, which are those of the live chat view: when one takes the place of the other, nothing should move.

Styles are inline, because notebook viewers drop style sheets. Where several values of a property stand in a row, a viewer takes the last
one it knows: JupyterLab reduces an untrusted page to plain values. Colours and fonts are the front end's own (``--jp-…``) where it has
any; otherwise they are of middle lightness, or transparent greys, so that they read on white and on black. Widths that depend on the room
there is are sums that end up far below or far above their bounds: a page without style sheet has no other way to ask for its width.
"""

from __future__ import annotations

from dataclasses import dataclass

COLORS = {
    "red": "#d44653",
    "orange": "#bb6015",
    "yellow": "#987316",
    "green": "#238a40",
    "cyan": "#158594",
    "blue": "#2f76e1",
    "violet": "#8d60d7",
    "magenta": "#c34aa1",
}
"""For text of programs. Each has a contrast of at least 4:1 on white and on #111111."""
AGENTS = ("var(--jp-brand-color1,#1976d2)", "#7e57c2", "#00897b", "#c2185b", "#ef6c00", "#546e7a")
"""In the order in which agents first speak."""

LINE = "rgba(128,128,128,0.28)"
SOFT = "rgba(128,128,128,0.07)"
_OK = "var(--jp-success-color1,#388e3c)"
_WARNING = "var(--jp-warn-color1,#e65100)"
_ERROR = "var(--jp-error-color1,#d32f2f)"
_ACCENT = "var(--jp-brand-color1,#1976d2)"
_GREY = "rgba(128,128,128,0.7)"
_UI = "font-family:var(--jp-ui-font-family,inherit)"

STATES = {
    "ended": _GREY,
    "starting": _ACCENT,
    "running": _ACCENT,
    "waiting": _WARNING,
    "ok": _OK,
    "error": _ERROR,
    "died": _ERROR,
    "timeout": _WARNING,
    "interrupted": _WARNING,
    "info": LINE,
    "warning": _WARNING,
}
"""Colours of a chat's states, of a run's, and of the levels of a notice."""


def _wide(least: str, most: str, at: int) -> str:
    """Return a length that is ``most`` where there are more than ``at`` pixels of room, and ``least`` where there are fewer."""
    return f"clamp({least},(100% - {at}px) * 999,{most})"


def _narrow(least: str, most: str, at: int) -> str:
    """Return a length that is ``least`` where there are more than ``at`` pixels of room, and ``most`` where there are fewer."""
    return f"clamp({least},({at}px - 100%) * 999,{most})"


_ENTRY_WIDTH = 580
"""Pixels an entry has where the live view, 620 wide, gives up avatars and indentation."""
_HEAD_WIDTH = 566
_INDENT = _wide("0px", "36px", _ENTRY_WIDTH)

SMALL = f"{_UI};font-size:13px;font-size:var(--jp-ui-font-size1,13px)"
MUTED = "opacity:0.7"
MONOSPACE = "font-family:monospace;font-family:var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace)"
_CODE = f"{MONOSPACE};font-size:13px;font-size:var(--jp-code-font-size,13px);line-height:1.5"
SEPARATOR = '<span style="display:none"> · </span>'
"""Between what only its style sets apart: it shows where styles are dropped."""

# The box: a header, and a log that scrolls and starts at its end, which a reversed column does by itself. JupyterLab keeps room on the
# right of HTML, twice the width of that variable, and none on the right of widgets.
BOX = (
    "display:grid;grid-template-rows:auto minmax(0,1fr);box-sizing:border-box;max-height:clamp(420px,78vh,900px);margin:4px 0;"
    "margin-right:calc(-2 * var(--jp-notebook-padding,0px));"
    f"overflow:hidden;overflow-wrap:break-word;overflow-wrap:anywhere;font-size:14px;font-size:var(--jp-content-font-size1,14px);"
    f"line-height:1.55;background-color:var(--jp-layout-color1,transparent);border:1px solid {LINE};border-radius:8px"
)
HEADER = (
    f"display:flex;flex-wrap:wrap;gap:4px 14px;align-items:center;min-height:38px;box-sizing:border-box;padding:5px 8px 5px 14px;{SMALL};"
    f"line-height:1.4;border-bottom:1px solid {LINE}"
)
NOW = "display:flex;gap:8px;align-items:center;flex:0 1 auto;min-width:0"
FACTS = (
    f"display:flex;flex-wrap:wrap;gap:0 12px;align-items:center;margin-left:auto;min-width:{_narrow('0px', '100%', 598)};font-size:12px;"
    f"{MUTED};font-variant-numeric:tabular-nums"
)
LOG = (
    "display:flex;flex-direction:column-reverse;min-height:0;max-height:600px;max-height:max(900px,0px);overflow-x:hidden;overflow-y:auto;"
    "scrollbar-gutter:stable;scrollbar-width:thin"
)
ENTRIES = f"flex:none;width:100%;box-sizing:border-box;padding:4px 14px 12px;padding:4px {_wide('10px', '14px', 609)} 12px"

DOT = "flex:none;display:inline-block;width:8px;height:8px;border-radius:50%"
BADGE = f"padding:0 7px;font-size:11px;line-height:1.6;border:1px solid {LINE};border-radius:10px"

# Entries
_ENTRY = "padding-top:14px"
_MESSAGE = (
    f"{_ENTRY};display:grid;grid-template-columns:26px minmax(0,1fr);"
    f"grid-template-columns:{_wide('0px', '26px', _ENTRY_WIDTH)} minmax(0,1fr);"
    f"column-gap:10px;column-gap:{_wide('0px', '10px', _ENTRY_WIDTH)}"
)
RUN = f"{_ENTRY};margin-left:36px;margin-left:{_INDENT}"
JOINED = f"{RUN};padding-top:4px"
"""A run right below the message that proposed it."""
NOTICE = RUN
ABOUT = f"font-size:12px;{MUTED}"
HEAD = f"margin:0;display:flex;flex-wrap:wrap;gap:0 8px;align-items:baseline;min-height:26px;{SMALL};line-height:26px"
SENDER = "font-weight:600"
TEXT = "display:flow-root;margin:-0.55em 0"
"""Takes back the outer margins of the first and the last paragraph."""
THOUGHTS = (
    "max-height:240px;padding:4px 12px;margin-bottom:6px;overflow:auto;white-space:pre-wrap;"
    f"{MUTED};font-size:13px;border-left:2px solid {LINE}"
)
SUMMARY = f"{_UI};font-size:12px;line-height:1.9;width:fit-content;cursor:pointer;{MUTED}"
FRAME = f"margin:0.55em 0;overflow:hidden;background-color:{SOFT};border:1px solid {LINE};border-radius:6px"
"""Around code."""
LANGUAGE = f"padding:0 12px;height:28px;{_UI};font-size:12px;line-height:28px;{MUTED}"
PLAIN = f"{_CODE};margin:0;overflow-x:auto;white-space:pre;background-color:transparent;border:none;scrollbar-width:thin"
RUN_HEAD = (
    f"margin:0;display:flex;flex-wrap:wrap;gap:2px 10px;align-items:center;min-height:26px;{_UI};font-size:12px;line-height:1.5;"
    "font-variant-numeric:tabular-nums"
)
CHIP = "display:inline-flex;gap:7px;align-items:center"
OUTPUTS = "padding-left:12px;border-left:2px solid"
OUTPUT = "padding:4px 0;overflow-x:auto;scrollbar-width:thin"
OUTPUT_LINES = {"error": f"color-mix(in srgb,{_ERROR} 55%,transparent)"}
"""Left of outputs, by the state of their run."""
STDERR = "padding:4px 10px;background-color:rgba(212,70,83,0.08);border-radius:4px"
READS = (
    f"{_CODE};margin:0;max-height:280px;padding:8px 12px;overflow:auto;"
    f"white-space:pre-wrap;word-break:normal;background-color:{SOFT};border-radius:6px;{MUTED}"
)
TOOLS_ALONE = "display:grid;gap:2px;min-width:0"
TOOLS = f"{TOOLS_ALONE};margin-top:8px"
TOOL = f"{_UI};font-size:12px;line-height:1.7;padding-left:15px;text-indent:-15px;font-variant-numeric:tabular-nums"
CALL = f"{_CODE};padding:0;background-color:transparent;white-space:pre-wrap;unicode-bidi:isolate"
TOOL_ABOUT = f"margin-left:6px;white-space:nowrap;{MUTED}"
TOOL_FOLD = "padding-left:15px"
NOTICE_TEXT = f"padding:5px 12px;{SMALL};line-height:1.5;border-left:3px solid"


def dot(state: str) -> str:
    """Return the style of the dot that stands before a state."""
    if state in ("proposed", "refused", "asked"):
        return f"box-sizing:border-box;border:1.5px solid {_GREY}"
    return f"background-color:{STATES.get(state, _GREY)}"


@dataclass(frozen=True)
class Message:
    """Styles of a message: of its grid, of the avatar, and of the dot that stands for it where there is no room."""

    grid: str
    avatar: str
    dot: str


def message(number: int) -> Message:
    """Return the styles of what the agent says that was the ``number``-th to speak."""
    color = AGENTS[number % len(AGENTS)]
    avatar = (
        f"display:grid;place-items:center;overflow:hidden;width:100%;height:26px;{_UI};font-weight:600;font-size:12px;line-height:1;"
        f"border-radius:50%;user-select:none;color:color-mix(in srgb,{color} 70%,currentColor);"
        f"background-color:rgba(128,128,128,0.16);background-color:color-mix(in srgb,{color} 16%,transparent)"
    )
    dot = (
        f"width:0px;width:{_narrow('0px', '8px', _HEAD_WIDTH)};margin-right:-8px;margin-right:{_narrow('-8px', '-1px', _HEAD_WIDTH)};"
        f"height:8px;background-color:{color};border-radius:50%"
    )
    return Message(_MESSAGE, avatar, dot)
