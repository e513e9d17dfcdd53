"""What a model is sent has no secrets in it, though a long history is not looked at again and again."""

from __future__ import annotations

from autogen_jupyter.messages import Message, MessageView
from autogen_jupyter.models import ModelRequest, ScriptedModel, complete
from autogen_jupyter.models.redacted_client import RedactedClient
from autogen_jupyter.redaction import MARK, learn


def history(texts: int) -> list[Message]:
    return [Message("user", f"message {number}", "ann") for number in range(texts)]


async def sent(messages: list[Message]) -> list[str]:
    model = ScriptedModel(["fine"])
    await complete(RedactedClient(model), ModelRequest(MessageView((Message("system", "Be kind."),), messages)))
    return [message.text for message in model.requests[0].messages]


async def test_a_secret_in_a_history_is_not_sent() -> None:
    messages = history(2)
    await sent(messages)
    messages.append(Message("user", "postgres://ada:lovelace@db", "ann"))
    assert await sent(messages) == ["Be kind.", "message 0", "message 1", f"postgres://{MARK}@db"]
    messages.append(Message("user", "and more", "ann"))
    assert (await sent(messages))[3] == f"postgres://{MARK}@db", "what was found once is found again"


async def test_a_secret_that_becomes_known_later_is_taken_out_of_what_was_looked_at_before() -> None:
    messages = history(1)
    messages.append(Message("user", "the word is kookaburra-9", "ann"))
    assert (await sent(messages))[2] == "the word is kookaburra-9"
    learn("kookaburra-9", "api_key")
    assert (await sent(messages))[2] == f"the word is {MARK}"


async def test_a_history_that_lost_its_beginning_is_looked_at_anew() -> None:
    messages = history(3)
    await sent(messages)
    del messages[:2]
    messages.extend([Message("user", "postgres://ada:lovelace@db", "ann"), Message("user", "go on", "ann")])
    assert (await sent(messages))[2] == f"postgres://{MARK}@db"
