"""The tables of a page as text, for models: what ``df.style`` and ``HTML(df.to_html())`` show has no other form."""

from __future__ import annotations

from html.parser import HTMLParser

__all__ = ["tables_text"]

MOST_ROWS = 60
"""Rows of a table that are read; pandas shows as many."""


def tables_text(page: str) -> str:
    """Return the tables of a page, a row a line; an empty text where it has none.

    Example:
        >>> tables_text("<table><tr><th>n<th>x<tr><td>1<td>0.5</table>")
        'n | x\\n1 | 0.5'
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return "\n\n".join(_as_text(rows) for rows in reader.tables if rows)


def _as_text(rows: list[list[str]]) -> str:
    lines = [" | ".join(" ".join(cell.split()) for cell in row) for row in rows]
    if len(lines) > MOST_ROWS:
        half = MOST_ROWS // 2
        lines = [*lines[:half], f"… {len(lines) - 2 * half:,} more rows …", *lines[-half:]]
    return "\n".join(lines)


class _Reader(HTMLParser):
    """Collects the cells of tables; what is no cell is passed over."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self._is_in_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self.tables[-1][-1].append("")
            self._is_in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._is_in_cell = False

    def handle_data(self, data: str) -> None:
        if self._is_in_cell:
            self.tables[-1][-1][-1] += data
