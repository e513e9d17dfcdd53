"""A page that can stand in a Markdown file: an export of a notebook as Markdown puts it there as it is."""

from __future__ import annotations

import re

__all__ = ["one_block"]

_BREAK = re.compile(r"\r\n?")
_BEFORE_BLANK = re.compile(r"\n(?=[^\S\n]*\n)")


def one_block(page: str) -> str:
    r"""Return the same page without blank lines: at the first one Markdown's block of HTML ends, and what follows is Markdown again.

    Args:
        page: an element, which begins with ``<div``, without raw text such as a script. For HTML a line break is the same in both forms.

    Example:
        >>> one_block("<div>first\n\n# second</div>")
        '<div>first&#10;\n# second</div>'
    """
    return _BEFORE_BLANK.sub("&#10;", _BREAK.sub("\n", page))
