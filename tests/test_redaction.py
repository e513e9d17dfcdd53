"""What is taken out of a text, and what stays."""

from __future__ import annotations

import pytest

from autogen_jupyter.messages import Message
from autogen_jupyter.redaction import MARK, StreamRedactor, known_secrets, learn, redacted, removed, without_secrets

KEY = "sk-proj-9aB8cD7eF6gH5iJ4kL3mN2"
SHAPES = [
    KEY,
    "sk-ant-api03-abcdefghijklmnop-0123456789",
    "AIza" + "Sy0123456789abcdefghijklmnopqrstu-v",
    "gsk_0123456789abcdefghijABCDEFGHIJ",
    "hf_abcdefghijklmnopqrstuvwxyzABCDEFGH",
    "ghp_0123456789abcdefghijABCDEFGHIJ456789",
    "github_pat_0123456789abcdefghijABCDEFGHIJ",
    "glpat-0123456789abcdefghij",
    "xoxb-0123456789-abcdefghij",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N",
]


@pytest.mark.parametrize("key", SHAPES)
@pytest.mark.parametrize("around", ["{}", "key={}.", "\x1b[32m{}\x1b[0m", r"first\n{}\tlast", "'{}'", '{{"key": "{}"}}'])
def test_what_looks_like_a_key_is_taken_out(key: str, around: str) -> None:
    text = redacted(around.format(key))
    assert key not in text
    assert MARK in text


@pytest.mark.parametrize(
    "text",
    [
        "task-forces-of-the-20-northern-countries-2025",
        "sk-learn",
        "risk-adjusted-returns-2024-quarterly-report",
        "AKIA is a prefix",
        "https://host/path",
        "https://user@host/path",
        "http://127.0.0.1:8080/v1",
        "bearer bonds",
        "a,b:c@d",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redacted(text) is text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("postgres://ada:lovelace@db/sales", f"postgres://{MARK}@db/sales"),
        ("Authorization: Bearer abcdefghij0123456789xyz", f"Authorization: Bearer {MARK}"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nend", f"{MARK}\nend"),
    ],
)
def test_the_rest_of_the_text_stays(text: str, clean: str) -> None:
    assert redacted(text) == clean
    assert redacted(clean) == clean


def test_values_of_the_environment_are_known_by_the_names_of_their_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"CORP_API_KEY": "aardvark-77", "DB_PASSWORD": "wombat-99x", "TOKENIZERS_PARALLELISM": "disabled1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/ssh-1")
    learn("zebra-crossing-1", "api_key")
    assert {"CORP_API_KEY", "DB_PASSWORD", "api_key"} <= set(known_secrets())
    assert "TOKENIZERS_PARALLELISM" not in known_secrets()
    before = removed().get("CORP_API_KEY", 0)
    assert redacted("aardvark-77 wombat-99x zebra-crossing-1 disabled1 /tmp/ssh-1") == f"{MARK} {MARK} {MARK} disabled1 /tmp/ssh-1"
    assert removed()["CORP_API_KEY"] == before + 1
    redacted("aardvark-77 wombat-99x zebra-crossing-1 disabled1 /tmp/ssh-1")
    assert removed()["CORP_API_KEY"] == before + 2, "a text that was looked at before counts again"


def test_a_short_value_stays() -> None:
    learn("none", "api_key")
    assert redacted("none of them") == "none of them"


@pytest.mark.parametrize("size", range(1, 12))
def test_a_key_that_arrives_in_pieces_is_taken_out(size: int) -> None:
    learn("zebra-crossing-1", "api_key")
    text = f"First zebra-crossing-1, zebra and {KEY}; then http://ada:lovelace@db and Bearer abcdefghij0123456789xyz. Sincerely, s"
    stream = StreamRedactor()
    shown = [stream.feed(text[at : at + size]) for at in range(0, len(text), size)]
    assert "".join([*shown, stream.flush()]) == redacted(text)
    assert not any(secret in "".join(shown) for secret in ("zebra-crossing-1", KEY, "lovelace", "abcdefghij0123"))


def test_ordinary_text_is_not_held_back() -> None:
    stream = StreamRedactor()
    assert [stream.feed(piece) for piece in ("The mean ", "is 42. ", "Done.\n")] == ["The mean ", "is 42. ", "Done.\n"]


def test_a_value_without_secrets_is_the_same_object() -> None:
    message = Message("user", ({"type": "text", "text": "hello"},))
    assert without_secrets(message) is message
    clean = without_secrets(Message("user", ({"type": "text", "text": KEY},), id="m1"))
    assert (clean.text, clean.id) == (MARK, "m1")
