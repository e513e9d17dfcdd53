"""The style sheet of the saved page: one constant text, and the names of the classes that it styles.

It goes into each page once, behind the gate; nothing that a model or a program wrote gets into it, or chooses a class. All rules are nested
in the class of the box, whose name is made from the rules: they touch nothing around it, and chats that different versions saved in one
notebook keep their own. The ``:not(#…)`` makes them as strong as inline styles would be against the rules of the page around.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from .html_style import ACCENT, AGENTS, COLORS, ERROR, GREY, LINE, MUTED, OK, SOFT, STRONG, WARNING, narrow, wide

__all__ = ["BOX_CLASS", "CLASSES", "SHEET", "agent", "state"]

# Names of classes. With "_" in front they are nobody else's.
ALT = "_alt"
"""What stands for something that only styles show: it is seen where they are dropped."""
DOT, MUTED_TEXT, BADGE = "_dot", "_mute", "_badge"
MESSAGE, TEXT, THOUGHTS = "_msg", "_text", "_think"
FRAME = "_code"
"""Around code, under the name of its language."""
RUN, JOINED, OUTPUTS = "_run", "_join", "_out"
"""``JOINED``: right below the message that proposed the run."""
READS, STDERR, PADDED, WRAPPED = "_read", "_err", "_pad", "_wrap"
"""Kinds of preformatted text."""
TOOLS, TOOLS_ALONE, TOOL, TOOL_FOLD = "_tools", "_only", "_tool", "_fold"
NOTICE = "_note"
TABLE, NUMBERS = "_table", "_num"
HEADING, LARGE, LARGER = "_h", "_h2", "_h1"
COMMENT, KEYWORD, STRING, NUMBER, BUILTIN, NAME, DECORATOR = "_c", "_k", "_s", "_m", "_nb", "_nf", "_nd"
BOLD = "_bold"
_STATES = {
    **dict.fromkeys(("starting", "running"), "_busy"),
    **dict.fromkeys(("waiting", "timeout", "interrupted", "warning"), "_warn"),
    **dict.fromkeys(("error", "died"), "_bad"),
    **dict.fromkeys(("proposed", "refused", "asked"), "_ring"),
    "ok": "_ok",
}

_ENTRY_WIDTH = 580
"""Pixels an entry has where the live view, 620 wide, gives up avatars and indentation."""
_HEAD_WIDTH = 566
_CODE = "font-family:var(--m);font-size:var(--jp-code-font-size,13px);line-height:1.5"


def _token(name: str, color: str) -> str:
    return f"color:var(--jp-mirror-editor-{name}-color,{COLORS.get(color, color)})"


_VALUES = (
    f"--a:{AGENTS[0]};--l:{LINE};--s:{GREY};--u:var(--jp-ui-font-family,inherit);"
    "--m:var(--jp-code-font-family,ui-monospace,Menlo,Consolas,monospace)"
)
"""Colours of an agent, of lines and of a state; fonts of what is around the text, and of what is monospaced."""
_RULES = {
    f".{ALT}": "display:none",
    f".{MUTED_TEXT}": MUTED,
    f".{BADGE}": "padding:0 7px;font-size:11px;line-height:1.6;border:1px solid var(--l);border-radius:10px",
    # A line between messages, where styles are dropped
    "&>div>div>hr": "display:none",
    # Messages: the avatar, then all that is said; the dot in the heading stands for the avatar where there is no room. The letter is no
    # text of the page: it would be read aloud, copied, and be left alone where styles are dropped.
    f".{MESSAGE}": (
        f"padding-top:14px;display:grid;grid-template-columns:{wide('0px', '26px', _ENTRY_WIDTH)} minmax(0,1fr);"
        f"column-gap:{wide('0px', '10px', _ENTRY_WIDTH)}"
    ),
    f".{MESSAGE}::before": (
        f"content:attr(data-a);content:attr(data-a)/'';display:grid;place-items:center;overflow:hidden;height:26px;"
        f"font-family:var(--u);{STRONG};font-size:12px;line-height:1;border-radius:50%;"
        "user-select:none;color:color-mix(in srgb,var(--a) 70%,currentColor);background-color:color-mix(in srgb,var(--a) 16%,transparent)"
    ),
    f".{MESSAGE}>div": "min-width:0",
    f".{MESSAGE}>div>p": (
        "margin:0;display:flex;flex-wrap:wrap;gap:0 8px;align-items:baseline;min-height:26px;font-family:var(--u);"
        "font-size:var(--jp-ui-font-size1,13px);"
        "line-height:26px"
    ),
    f".{MESSAGE}>div>p::before": (
        f"content:'';width:{narrow('0px', '8px', _HEAD_WIDTH)};margin-right:{narrow('-8px', '-1px', _HEAD_WIDTH)};height:8px;"
        "background-color:var(--a);border-radius:50%"
    ),
    f".{MESSAGE}>div>p>strong,.{RUN}>p strong,.{HEADING} strong": STRONG,
    f".{MESSAGE}>div>p>bdi": f"font-size:12px;{MUTED}",
    **{f".{agent}": f"--a:{color}" for agent, color in zip(("_a1", "_a2", "_a3", "_a4", "_a5"), AGENTS[1:], strict=True)},
    f".{THOUGHTS}": (
        f"max-height:240px;padding:4px 12px;margin-bottom:6px;overflow:auto;white-space:pre-wrap;{MUTED};font-size:13px;"
        "border-left:2px solid var(--l)"
    ),
    "& summary": f"font-family:var(--u);font-size:12px;line-height:1.9;width:fit-content;cursor:pointer;{MUTED}",
    # What a model wrote. The outer margins of the first and the last paragraph are taken back.
    f".{TEXT}": "display:flow-root;margin:-0.55em 0",
    f".{TEXT}>p,.{TEXT}>ul,.{TEXT}>ol,.{HEADING}": "margin:0.55em 0",
    f".{TEXT} ul,.{TEXT} ol": "padding-left:1.6em",
    f".{TEXT} blockquote": "margin:0.55em 0;padding:0 0 0 0.8em;border-left:3px solid var(--l)",
    f".{TEXT} :not(pre)>code": "background-color:rgba(128,128,128,0.13);border-radius:3px;padding:0.1em 0.3em;font-size:0.92em",
    f".{HEADING}": "font-size:1.05em;line-height:1.35",
    f".{LARGE}": "font-size:1.15em",
    f".{LARGER}": "font-size:1.25em",
    # Code and what programs print.
    f".{FRAME}": f"margin:0.55em 0;overflow:hidden;background-color:{SOFT};border:1px solid var(--l);border-radius:6px",
    f".{FRAME}>div": f"padding:0 12px;height:28px;font-family:var(--u);font-size:12px;line-height:28px;{MUTED}",
    "& pre": f"{_CODE};margin:0;overflow-x:auto;white-space:pre;background-color:transparent;border:none;scrollbar-width:thin",
    f".{FRAME} pre": "padding:2px 12px 10px",
    "& pre code": "font-family:inherit;font-size:inherit;white-space:pre;background:none;padding:0",
    f".{READS}": (
        "max-height:280px;padding:8px 12px;overflow:auto;white-space:pre-wrap;word-break:normal;"
        f"background-color:{SOFT};border-radius:6px;{MUTED}"
    ),
    f".{STDERR}": "padding:4px 10px;background-color:rgba(212,70,83,0.08);border-radius:4px",
    f".{PADDED}": "padding:4px 0",
    f".{WRAPPED}": "white-space:pre-wrap",
    f".{COMMENT}": f"font-style:italic;{_token('comment', '#7d8590')}",
    f".{KEYWORD}": f"font-weight:bold;{_token('keyword', 'violet')}",
    f".{STRING}": _token("string", "green"),
    f".{NUMBER}": _token("number", "orange"),
    f".{BUILTIN}": _token("builtin", "blue"),
    f".{NAME}": _token("def", "blue"),
    f".{DECORATOR}": _token("meta", "cyan"),
    f".{BOLD}": STRONG,
    **{f"._{name}": f"color:{color}" for name, color in COLORS.items()},
    # Runs: a line that says what became of it, then what it showed.
    f".{RUN},.{NOTICE}": f"padding-top:14px;margin-left:{wide('0px', '36px', _ENTRY_WIDTH)}",
    f".{JOINED}": "padding-top:4px",
    f".{RUN}>p": (
        "margin:0;display:flex;flex-wrap:wrap;gap:2px 10px;align-items:center;min-height:26px;font-family:var(--u);font-size:12px;"
        "line-height:1.5;"
        "font-variant-numeric:tabular-nums"
    ),
    f".{RUN}>p>:first-child": "display:inline-flex;gap:7px;align-items:center",
    f".{OUTPUTS}": "padding-left:12px;border-left:2px solid var(--l)",
    f".{OUTPUTS}>div": "padding:4px 0;overflow-x:auto;scrollbar-width:thin",
    f".{OUTPUTS}._bad": f"border-color:color-mix(in srgb,{ERROR} 55%,transparent)",
    # Plots are drawn for a white page, and may be transparent.
    "& img": "max-width:100%;height:auto;background-color:#ffffff;border-radius:4px",
    f".{TABLE}": "overflow-x:auto;margin:0.55em 0;scrollbar-width:thin",
    "& table": "border-collapse:collapse;width:auto;margin:0;overflow-wrap:normal;font-size:13px;font-variant-numeric:tabular-nums",
    f".{NUMBERS} table": "text-align:right",
    "& tr": "background-color:transparent",
    "& tbody tr:nth-child(2n)": f"background-color:{SOFT}",
    "& th,& td": "padding:3px 10px;border:none",
    "& thead :is(th,td)": "border-bottom:1px solid var(--l)",
    # Tools
    f".{TOOLS},.{TOOLS_ALONE}": "display:grid;gap:2px;min-width:0",
    f".{TOOLS}": "margin-top:8px",
    f".{TOOL}": "font-family:var(--u);font-size:12px;line-height:1.7;padding-left:15px;text-indent:-15px;font-variant-numeric:tabular-nums",
    f".{TOOL} code": f"{_CODE};padding:0;background-color:transparent;white-space:pre-wrap;unicode-bidi:isolate",
    f".{TOOL} code~span": f"margin-left:6px;white-space:nowrap;{MUTED}",
    f".{TOOL_FOLD}": "padding-left:15px",
    # Notices
    f".{NOTICE}>div": (
        "padding:5px 12px;font-family:var(--u);font-size:var(--jp-ui-font-size1,13px);line-height:1.5;border-left:3px solid var(--s)"
    ),
    f".{NOTICE}": "--s:var(--l)",
    f".{NOTICE}:not(._bad)>div>div": MUTED,
    # The dot before a state, and colours of states
    f".{DOT}": "flex:none;display:inline-block;width:8px;height:8px;border-radius:50%;background-color:var(--s)",
    f".{TOOL} .{DOT}": "margin-right:7px",
    "._busy": f"--s:{ACCENT}",
    "._warn": f"--s:{WARNING}",
    "._bad": f"--s:{ERROR}",
    "._ok": f"--s:{OK}",
    "._ring": f"background-color:transparent;box-sizing:border-box;border:1.5px solid {GREY}",
}
_ON_PAPER = {
    # Nothing scrolls on paper: the box, its log and long texts are as high as what is in them, and long lines are broken. What is inline
    # gives way to nothing less.
    "&,&>[role=region]": "display:block!important;max-height:none!important;overflow:visible!important",
    f".{THOUGHTS},.{READS},& pre,& pre code,.{OUTPUTS}>div,.{TABLE}": "max-height:none;overflow:visible",
    "& pre,& pre code": "white-space:pre-wrap",
}


def _css(rules: Mapping[str, str]) -> str:
    return "".join(f"{selector}{{{declarations}}}" for selector, declarations in rules.items())


_TEXT = f"{_VALUES};{_css(_RULES)}@media print{{{_css(_ON_PAPER)}}}"
CLASSES = frozenset(re.findall(r"\.(_\w+)", _TEXT))
"""What a page may have for classes."""
BOX_CLASS = f"agentchat-{hashlib.sha256(_TEXT.encode()).hexdigest()[:6]}"
SHEET = f"<style>.{BOX_CLASS}:not(#_){{{_TEXT}}}</style>"


def agent(number: int) -> str:
    """Return the class of what the agent says that was the ``number``-th to speak, if it needs one."""
    color = number % len(AGENTS)
    return f"_a{color}" if color else ""


def state(name: str) -> str:
    """Return the class for the colour of a chat's state, of a run's or a tool's, or of a notice's level, if it needs one."""
    return _STATES.get(name, "")
