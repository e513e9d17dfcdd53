"""Write docs/magics.md from the parser's own tables: ``python -m tools.generate_magics_page``."""

from __future__ import annotations

from pathlib import Path

from autogen_jupyter.notebook.reference import reference_page

PAGE = Path(__file__).resolve().parent.parent / "docs" / "magics.md"

if __name__ == "__main__":
    PAGE.write_text(reference_page(), encoding="utf-8")
