import pytest

from autogen_jupyter.terminal import overwrite, strip_sequences


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain\ntext\n", "plain\ntext\n"),
        ("10%\r20%\r100%\n", "100%\n"),
        ("long line\rshort\n", "shortline\n"),
        ("long line\r\x1b[Kshort\n", "\x1b[Kshort\n"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("waiting\r", "waiting\r"),
        ("ab\b\bcd", "cd"),
        ("done\r\nnext 1%\rnext 2%", "done\nnext 2%"),
        ("\b\b", ""),
        ("", ""),
    ],
)
def test_text_ends_up_as_on_a_screen(written: str, shown: str) -> None:
    assert overwrite(written) == shown


def test_a_progress_bar_arriving_in_pieces_ends_as_one_line() -> None:
    text = ""
    for percent in range(101):
        text = overwrite(f"{text}\r{percent:3d}%")
    assert text == "100%"


@pytest.mark.parametrize(
    ("coloured", "plain"),
    [
        ("\x1b[0;31mred\x1b[0m", "red"),
        ("\x1b]8;;http://x\x07link\x1b]8;;\x07", "link"),
        ("a\x07b\x00c", "abc"),
        ("tab\tand\nline", "tab\tand\nline"),
    ],
)
def test_escape_sequences_and_control_characters_go(coloured: str, plain: str) -> None:
    assert strip_sequences(coloured) == plain
