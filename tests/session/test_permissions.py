"""What a person allowed is not asked again, and nothing more than that."""

from __future__ import annotations

import asyncio

import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.events import PermissionsChanged
from autogen_jupyter.human_input import InputAnswer, InputRequest, Scope
from autogen_jupyter.session.permissions import Permissions, offers
from autogen_jupyter.session.session import Session


def asked(*codes: str, language: str = "python") -> InputRequest:
    return InputRequest("approval", "Run it?", blocks=tuple(CodeBlock(language, code) for code in codes))


def scopes(request: InputRequest) -> list[str]:
    return [offer.scope for offer in offers(request)]


def allowing(request: InputRequest, scope: Scope) -> Permissions:
    permissions = Permissions()
    assert permissions.give(request, scope)
    return permissions


def test_code_like_this_is_said_in_words() -> None:
    assert [offer.label for offer in offers(asked("import os\nos.remove('x')"))] == [
        "all code in this chat",
        "Python code that calls remove() and imports os",
    ]
    assert offers(asked("print(1)"))[1].label == "Python code in which nothing risky is found"


def test_code_like_this_is_code_with_no_risk_beyond_those_that_were_shown() -> None:
    permissions = allowing(asked("import os, shutil"), "alike")
    assert permissions.cover(asked("import shutil"))
    assert permissions.cover(asked("print(1)"))
    assert not permissions.cover(asked("import os, subprocess"))
    assert not permissions.cover(asked("print(1)", "open('x')"))


def test_two_kinds_of_code_do_not_add_up() -> None:
    permissions = allowing(asked("import os"), "alike")
    permissions.give(asked("open('x')"), "alike")
    assert permissions.cover(asked("open('y')"))
    assert not permissions.cover(asked("import os\nopen('y')"))


@pytest.mark.parametrize("request_", [asked("ls", language="sh"), asked("!ls"), asked("print(1)", "def")])
def test_code_that_cannot_be_read_is_like_no_other_code(request_: InputRequest) -> None:
    assert scopes(request_) == ["chat"]
    assert not allowing(asked("print(1)"), "alike").cover(request_)
    assert allowing(request_, "chat").cover(request_)


def test_a_tool_is_allowed_by_its_name_and_never_by_what_was_said_about_code() -> None:
    mail = asked('send_mail({"to": "a"})', language="json")
    assert [offer.label for offer in offers(mail)] == ["calls of send_mail"]
    assert not allowing(asked("print(1)"), "chat").cover(mail)
    permissions = allowing(mail, "tool")
    assert permissions.cover(asked('send_mail({"to": "b"})', language="json"))
    assert not permissions.cover(asked("send_mail_to_all({})", language="json"))
    assert not permissions.cover(asked("send_mail({})", "delete({})", language="json"))
    assert not permissions.cover(asked("print(1)"))


@pytest.mark.parametrize("kind", ["reply", "choice", "text", "password"])
def test_nothing_but_an_approval_is_covered(kind: str) -> None:
    permissions = allowing(asked("print(1)"), "chat")
    assert not permissions.cover(InputRequest(kind, "?", blocks=(CodeBlock("python", "print(1)"),)))  # type: ignore[arg-type]


async def test_a_yes_that_reaches_further_is_remembered_told_and_revoked() -> None:
    session, told = Session(), []
    session.subscribe(lambda event: told.append(event.permissions) if isinstance(event, PermissionsChanged) else None)
    first, second = asked("print(1)"), asked("print(2)")

    asking = asyncio.create_task(session.ask(first))
    await asyncio.sleep(0)
    assert session.answer(first.id, InputAnswer("run"), allow="alike")
    assert (await asking).action == "run"
    assert await session.ask(second) == InputAnswer("run", via="permission")
    assert session.transcript.status.permissions == list(session.permissions)

    [permission] = session.permissions
    assert session.revoke(permission.id)
    assert not session.revoke(permission.id)
    again = asyncio.create_task(session.ask(second))
    await asyncio.sleep(0)
    assert session.pending == second
    session.answer(second.id, InputAnswer("end"), allow="chat")
    await again
    assert session.permissions == ()  # a no allows nothing
    assert told == [(permission,), ()]


async def test_an_answer_that_came_too_late_allows_nothing() -> None:
    session, request = Session(), asked("print(1)")
    asking = asyncio.create_task(session.ask(request))
    await asyncio.sleep(0)
    session.answer(request.id, InputAnswer("end"))
    await asking
    assert not session.answer(request.id, InputAnswer("run"), allow="chat")
    assert session.permissions == ()
