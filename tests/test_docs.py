"""What the documentation says can be followed: links lead somewhere, commands exist, Python parses."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "notebooks").rglob("*.md")])

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
MAGIC = re.compile(r"^%")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def prose(text: str) -> str:
    return FENCE.sub("", text)


def anchors(page: Path) -> set[str]:
    """Return the anchors that the page's headings get."""
    headings = re.findall(r"^#+ (.+)$", prose(page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    for _, target in LINK.findall(prose(page.read_text(encoding="utf-8"))):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{page.name} links to {target}, which is not there."
        assert not anchor or anchor in anchors(linked), f"{page.name} links to {target}; {linked.name} has no such heading."


@every_page
def test_images_are_our_own(page: Path) -> None:
    remote = [target for image, target in LINK.findall(page.read_text(encoding="utf-8")) if image and "://" in target]
    assert not remote


@every_page
def test_python_examples_parse(page: Path) -> None:
    for language, code in FENCE.findall(page.read_text(encoding="utf-8")):
        if language == "python" and not MAGIC.match(code):
            ast.parse(code)


@every_page
def test_public_names_in_examples_exist(page: Path) -> None:
    import autogen_jupyter

    for language, code in FENCE.findall(page.read_text(encoding="utf-8")):
        if language != "python" or MAGIC.match(code):
            continue
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and node.module == "autogen_jupyter":
                missing = [alias.name for alias in node.names if alias.name not in autogen_jupyter.__all__]
                assert not missing, f"{page.name} imports {', '.join(missing)}."


@every_page
def test_make_targets_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = {*re.findall(r"`make ([a-z][a-z-]*)", text), *re.findall(r"^make ([a-z][a-z-]*)", text, re.MULTILINE)}
    assert named <= TARGETS, f"{page.name} names {', '.join(sorted(named - TARGETS))}."
