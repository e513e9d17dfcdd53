"""Values and styles of the saved page, which looks as the live chat view does: when one takes the place of the other, nothing moves.

What stands once on a page has its style inline, and what stands again and again has a class (``html_sheet``): viewers that drop style
sheets, as JupyterLab does for a notebook of somebody else, still show the box, its header and a log that scrolls. Where several values of
a property stand in a row, a viewer takes the last one it knows. Colours and fonts are the front end's own (``--jp-…``) where it has any;
otherwise they are of middle lightness, or transparent greys, so that they read on white and on black. Widths that depend on the room
there is are sums that end up far below or far above their bounds: such a page has no other way to ask for its width.
"""

from __future__ import annotations

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
OK = "var(--jp-success-color1,#388e3c)"
WARNING = "var(--jp-warn-color1,#e65100)"
ERROR = "var(--jp-error-color1,#d32f2f)"
ACCENT = "var(--jp-brand-color1,#1976d2)"
GREY = "rgba(128,128,128,0.7)"
UI = "font-family:var(--jp-ui-font-family,inherit)"


def wide(least: str, most: str, at: int) -> str:
    """Return a length that is ``most`` where there are more than ``at`` pixels of room, and ``least`` where there are fewer."""
    return f"clamp({least},(100% - {at}px) * 999,{most})"


def narrow(least: str, most: str, at: int) -> str:
    """Return a length that is ``least`` where there are more than ``at`` pixels of room, and ``most`` where there are fewer."""
    return f"clamp({least},({at}px - 100%) * 999,{most})"


SMALL = f"{UI};font-size:13px;font-size:var(--jp-ui-font-size1,13px)"
MUTED = "opacity:0.7"
STRONG = "font-weight:600"

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
    f"display:flex;flex-wrap:wrap;gap:0 12px;align-items:center;margin-left:auto;min-width:{narrow('0px', '100%', 598)};font-size:12px;"
    f"{MUTED};font-variant-numeric:tabular-nums"
)
LOG = (
    "display:flex;flex-direction:column-reverse;min-height:0;max-height:600px;max-height:max(900px,0px);overflow-x:hidden;overflow-y:auto;"
    "scrollbar-gutter:stable;scrollbar-width:thin"
)
ENTRIES = f"flex:none;width:100%;box-sizing:border-box;padding:4px 14px 12px;padding:4px {wide('10px', '14px', 609)} 12px"
