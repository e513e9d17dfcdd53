"""An interrupt of the cell or script that waits for a group's chat: the classic's admin gets the floor, and then it ends."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import time

import pytest

from autogen_jupyter import ConversableAgent, GroupChat, GroupChatManager
from autogen_jupyter.portal import in_caller
from tests.conversation.doubles import Room


def interrupt_the_caller():
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)


def thinker(name="ben", *, times=1, blocking=False):
    """An agent during whose first replies the caller is interrupted."""

    async def thinks(recipient, messages, sender, config):
        if len(seen) < times:
            await in_caller(int)  # now it waits
            seen.append(asyncio.get_running_loop().call_soon(interrupt_the_caller))
            await asyncio.Event().wait()
        return True, f"{name} here"

    def works(recipient, messages, sender, config):
        if len(seen) < times:
            seen.append(threading.Timer(0.3, interrupt_the_caller).start())
            time.sleep(1)
        return True, f"{name} here"

    seen = []
    agent = ConversableAgent(name, human_input_mode="NEVER")
    agent.register_reply([ConversableAgent, None], works if blocking else thinks)
    return agent


def person(name, *answers):
    waiting = iter(answers)

    class Person(ConversableAgent):
        def get_human_input(self, prompt):
            answer = next(waiting)
            if answer is KeyboardInterrupt:
                raise KeyboardInterrupt
            return answer

    return Person(name, human_input_mode="ALWAYS", default_auto_reply="nothing to say")


def said_in(*members, **options):
    group = GroupChat(members, max_round=9, speaker_selection_method="round_robin")
    opener = ConversableAgent("opener", human_input_mode="NEVER")
    try:
        opener.initiate_chat(GroupChatManager(group), message="go", silent=True, **options)
    finally:
        heard.append([message["content"] for message in group.messages])
    return heard[-1]


heard = []


@pytest.mark.parametrize("blocking", [False, True])
def test_an_interrupt_of_the_caller_gives_the_admin_the_floor(blocking):
    assert said_in(thinker(blocking=blocking), person("Admin", "steer", "exit")) == ["go", "steer", "ben here"]


def awaited_in(*members, **options):
    """The same, of a chat that the script awaits."""
    return asyncio.run(a_said_in(*members, **options))


async def a_said_in(*members):
    group = GroupChat(members, max_round=9, speaker_selection_method="round_robin")
    opener = ConversableAgent("opener", human_input_mode="NEVER")
    try:
        await opener.a_initiate_chat(GroupChatManager(group), message="go", silent=True)
    finally:
        heard.append([message["content"] for message in group.messages])
    return heard[-1]


@pytest.mark.parametrize("blocking", [False, True])
@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio makes a cancellation of it since Python 3.11")
def test_an_interrupt_of_a_script_that_awaits_gives_the_admin_the_floor(blocking):
    assert awaited_in(thinker(blocking=blocking), person("Admin", "steer", "exit")) == ["go", "steer", "ben here"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio makes a cancellation of it since Python 3.11")
def test_an_interrupt_of_a_script_that_awaits_ends_the_chat_without_an_admin():
    with pytest.raises(KeyboardInterrupt):
        awaited_in(thinker(), ConversableAgent("Admin", human_input_mode="NEVER"))
    assert heard[-1] == ["go"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio makes a cancellation of it since Python 3.11")
def test_a_second_interrupt_of_a_script_that_awaits_ends_the_chat():
    with pytest.raises(KeyboardInterrupt):
        awaited_in(thinker(times=2), person("Admin", "steer", "exit"))
    assert heard[-1] == ["go", "steer"]


def test_a_second_interrupt_of_the_caller_ends_the_chat():
    with pytest.raises(KeyboardInterrupt):
        said_in(thinker(times=2), person("Admin", "steer", "exit"))
    assert heard[-1] == ["go", "steer"]


@pytest.mark.parametrize("member", [person("boss", "exit"), ConversableAgent("Admin", human_input_mode="NEVER")])
def test_without_an_admin_who_is_a_person_an_interrupt_ends_the_chat(member):
    with pytest.raises(KeyboardInterrupt):
        said_in(thinker(), member)
    assert heard[-1] == ["go"]


def test_an_interrupt_while_the_keyboard_is_read_gives_the_admin_the_floor(monkeypatch):
    answers = iter([KeyboardInterrupt, "steer", "exit"])

    def read(prompt=""):
        answer = next(answers)
        if answer is KeyboardInterrupt:
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr("builtins.input", read)
    boss, admin = (ConversableAgent(name, human_input_mode="ALWAYS") for name in ("boss", "Admin"))
    assert said_in(boss, admin) == ["go", "steer"]


async def test_an_awaited_chat_that_is_cancelled_ends():
    group = GroupChat([thinker(times=0), person("Admin", "steer")], max_round=9, speaker_selection_method="round_robin")
    thinking = asyncio.Event()

    async def thinks(recipient, messages, sender, config):
        waiting.call_soon_threadsafe(thinking.set)
        await asyncio.Event().wait()

    waiting = asyncio.get_running_loop()
    group.agents[0].register_reply([ConversableAgent, None], thinks)
    chat = asyncio.ensure_future(Room().chat(ConversableAgent("opener", human_input_mode="NEVER"), GroupChatManager(group), message="go"))
    await thinking.wait()
    chat.cancel()
    with pytest.raises(asyncio.CancelledError):
        await chat
    assert [message["content"] for message in group.messages] == ["go"]
