"""A set IOStream gets the chat's text and answers its questions."""

from __future__ import annotations

import builtins
from typing import Any

import pytest

from autogen_jupyter import ConversableAgent, ScriptedModel, UserProxyAgent
from autogen_jupyter.classic.iostream import InputStream, IOConsole, IOStream, OutputStream
from autogen_jupyter.errors import UsageError


class Recorder(IOStream):
    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.prompts: list[str] = []
        self.text = ""

    def print(self, *objects: Any, sep: str = " ", end: str = "\n", flush: bool = False) -> None:
        self.text += sep.join(map(str, objects)) + end

    def input(self, prompt: str = "", *, password: bool = False) -> str:
        self.prompts.append(prompt)
        return self.answers.pop(0)


def chat() -> Any:
    cathy = ConversableAgent("cathy", llm_config=ScriptedModel(["What is six times seven?"]), human_input_mode="NEVER")
    return UserProxyAgent("user", code_execution_config=False).initiate_chat(cathy, message="Ask me something.")


def test_it_gets_the_text_and_answers_the_questions() -> None:
    stream = Recorder("exit")
    with IOStream.set_default(stream):
        result = chat()
    assert result.human_input == ["exit"]
    assert "What is six times seven?" in stream.text
    assert [prompt.startswith("Replying as user. Provide feedback to cathy.") for prompt in stream.prompts] == [True]


def test_a_password_without_a_question_is_asked_for_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: prompt)
    assert IOConsole().input("", password=True) == "Password: "
    assert IOConsole().input("Key? ", password=True) == "Key? "


def test_streams_are_known_by_what_they_have() -> None:
    assert all(isinstance(Recorder(), kind) for kind in (IOStream, InputStream, OutputStream))
    assert not isinstance("text", InputStream)


async def test_it_serves_an_awaited_chat_too() -> None:
    stream = Recorder("exit")
    user = UserProxyAgent("user", code_execution_config=False)
    cathy = ConversableAgent("cathy", llm_config=ScriptedModel(["Hello."]), human_input_mode="NEVER")
    with IOStream.set_default(stream):
        await user.a_initiate_chat(cathy, message="Hi")
    assert "Hello." in stream.text


def test_no_escape_codes_reach_it() -> None:
    stream = Recorder("exit")
    with IOStream.set_default(stream):
        chat()
    assert "\x1b" not in stream.text


def test_outside_the_block_chats_are_shown_as_before(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    stream = Recorder()
    with IOStream.set_default(stream):
        pass
    monkeypatch.setattr(builtins, "input", lambda prompt: "exit")
    chat()
    assert stream.text == ""
    assert "What is six times seven?" in capsys.readouterr().out


def test_a_patched_print_and_input_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(builtins, "input", lambda prompt: "exit")
    monkeypatch.setattr(builtins, "print", lambda *objects, **options: said.extend(map(str, objects)))
    chat()
    assert "What is six times seven?" in "".join(said)


def test_the_default_is_the_console(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(builtins, "input", lambda prompt: f"answer to {prompt}")
    stream = IOStream.get_default()
    stream.print("a", "b", sep="-")
    assert isinstance(stream, IOConsole)
    assert stream.input("x?") == "answer to x?"
    assert capsys.readouterr().out == "a-b\n"


def test_an_object_without_print_and_input_is_refused() -> None:
    with pytest.raises(UsageError, match="is no IOStream"):
        IOStream.set_global_default(object())  # type: ignore[arg-type]
