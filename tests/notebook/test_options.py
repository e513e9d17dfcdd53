from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autogen_jupyter import UsageError
from autogen_jupyter.notebook.magic_line import split_magic_line
from autogen_jupyter.notebook.options import ChatOptions
from autogen_jupyter.notebook.parser import HelpRequested, help_text, parse_line


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("-m 'a b' x", ["-m", "a b", "x"]),
        ('--name="my chat" x', ["--name=my chat", "x"]),
        ("it's fine", ["it's", "fine"]),
        ("C:\\data\\f.csv", ["C:\\data\\f.csv"]),
        ('--params {"t": 0.1, "s": ["a b", "}"]} x', ["--params", '{"t": 0.1, "s": ["a b", "}"]}', "x"]),
        ("don't 'open", ["don't", "'open"]),
        ("{ never closed", ["{", "never", "closed"]),
    ],
)
def test_a_line_is_cut_into_words(line, words):
    assert split_magic_line(line) == words


@given(st.text(alphabet="ab -=\"'{}[]\\\n\t?", max_size=40))
def test_cutting_never_raises_and_loses_no_letter(line):
    words = split_magic_line(line)
    assert sorted("".join(words).replace('"', "").replace("'", "").split()) is not None
    for letter in "ab":
        assert "".join(words).count(letter) == line.count(letter)


def test_all_options_are_read():
    line = "-m builtin/demo -i df,cfg -i x --human terminate --approve never --max-turns 3 --timeout 2.5 -q"
    assert parse_line(line).options == ChatOptions("builtin/demo", "terminate", "never", 3, 2.5, ("df", "cfg", "x"), quiet=True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--humann never", "--humann.*Did you mean --human"),
        ("--human sometimes", "sometimes.*always"),
        ("--max-turns many", "'many' is not a whole number"),
        ("--max-turns 0", "'0' is not a whole number"),
        ("--timeout nan", "'nan' is not a number"),
        ("-m", "expected one argument"),
    ],
)
def test_a_mistake_is_named_with_a_way_out(line, said):
    with pytest.raises(UsageError, match=said):
        parse_line(line)


def test_help_is_asked_for_and_names_every_option():
    with pytest.raises(HelpRequested):
        parse_line("--help")
    for option in ("--model", "--input", "--human", "--approve", "--max-turns", "--timeout", "--quiet", "%%agentchat"):
        assert option in help_text()


def test_help_is_written_alike_by_every_python():
    assert "  -m, --model MODEL " in help_text()
    assert "  -q, --quiet " in help_text()
