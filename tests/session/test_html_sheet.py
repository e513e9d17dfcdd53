"""The style sheet of the saved page: nobody adds to it, and nobody else's classes pass."""

from __future__ import annotations

import re

import pytest

from autogen_jupyter.session.html_gate import allowed
from autogen_jupyter.session.html_sheet import BOX_CLASS, CLASSES, SHEET
from autogen_jupyter.session.static_html import html_of
from autogen_jupyter.session.transcript import Code, MessageEntry, RunEntry, Status

from .sample import conversation, displayed


def test_the_sheet_is_one_text_that_cannot_be_left_and_fetches_nothing() -> None:
    inside = SHEET.removeprefix("<style>").removesuffix("</style>")
    assert f"<style>{inside}</style>" == SHEET
    assert inside.count("@media print{") == 1
    inside = inside.replace("@media print{", "{")
    assert not re.search(r"[<\\@\"]|url|import(?!ant)|expression|position:", inside)
    assert inside.count("{") == inside.count("}")


def test_all_rules_are_nested_in_the_class_of_the_box() -> None:
    screen = re.sub(r"@media print{(?:[^{}]+{[^{}]*})+}", "", SHEET)
    outer = re.sub(r"{[^{}]*}", "", screen)  # without the rules, what is left is the one around them and its own declarations
    assert re.fullmatch(rf"<style>\.{BOX_CLASS}:not\(#_\){{[^{{}}]*}}</style>", outer)


def test_every_page_has_the_same_sheet_and_has_it_once() -> None:
    for page in (html_of([], Status()), html_of(*conversation())):
        assert page.count("<style>") == 1
        assert page.endswith(f"{SHEET}</div>")


def test_the_class_of_the_box_is_on_the_box_alone() -> None:
    page = html_of(*conversation()).replace(SHEET, "")
    assert page.startswith(f'<div class="{BOX_CLASS}" ')
    assert page.count(BOX_CLASS) == 1


def test_every_class_of_a_page_is_in_the_sheet_under_a_name_of_our_own() -> None:
    assert all(name.startswith("_") for name in CLASSES)
    used = {name for names in re.findall(r'class="([^"]*)"', html_of(*conversation())) for name in names.split()}
    assert used - {BOX_CLASS} <= CLASSES


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ('<p class="_msg">x</p>', '<p class="_msg">x</p>'),
        ('<p class="_msg jp-Dialog _bad">x</p>', '<p class="_msg _bad">x</p>'),
        (f'<p class="{BOX_CLASS}">x</p>', "<p>x</p>"),
        ('<p class="jp-Dialog lm-Widget _msgx _MSG">x</p>', "<p>x</p>"),
        ('<p class="">x</p>', "<p>x</p>"),
        ("<style>._msg{color:red}</style>x", "x"),
        ("</style><style>p{color:red}</style>x", "x"),
        ("<svg><style>p{color:red}</style></svg>x", "x"),
        ("<p></div></div><style>p{}</style>x</p>", "<p>x</p>"),
        ('<p hidden="">x</p>', "<p>x</p>"),
        ('<p data-a="A" data-b="B">x</p>', "<p>x</p>"),
        ('<div data-a="A" data-b="B">x</div>', '<div data-a="A">x</div>'),
    ],
)
def test_only_our_own_classes_and_no_style_sheet_pass_the_gate(given: str, kept: str) -> None:
    assert allowed(given) == kept


ATTACK = '</style></div></div><style>._msg{display:none}</style><p class="_alt jp-Dialog" style="display:none">'


def test_what_a_model_or_a_program_wrote_is_not_in_the_sheet_and_chooses_no_class() -> None:
    table = {"text/html": f'<style>td{{color:red}}</style><table class="_alt"><tr><td class="_alt jp-Dialog">{ATTACK}1</td></tr></table>'}
    message = MessageEntry(ATTACK, ATTACK, ATTACK, "assistant", f"{ATTACK}\n\n```{ATTACK}\n{ATTACK}\n```", reasoning=ATTACK)
    run = RunEntry("r", ATTACK, "m", [Code(ATTACK, ATTACK)], "ok", outputs=[displayed(table)], output=ATTACK)
    page = html_of([message, run], Status("ended", reason=ATTACK))
    assert page.count("<style>") == 1
    classes = {name for names in re.findall(r'<[a-z]+ class="([^"]*)"', page) for name in names.split()}
    assert classes <= CLASSES | {BOX_CLASS}
    assert not re.search(r"<t[dhr][^>]*class=", page)
