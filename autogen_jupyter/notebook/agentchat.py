"""``agentchat``: what the magic does, as a function."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import cast

from ..context import Approval
from ..conversation.chat_result import ChatResult
from ..errors import UsageError
from ..events import ChatEnded, ChatStarted, Noticed
from ..kernels import describe
from ..messages import new_id
from ..models.budget import Budget
from ..portal import on_portal, run_sync, submit
from .bring_back import bring_back
from .chat import Chat
from .chats import Chats, chats
from .consent import approval, check_replacing, may_bring_back, said_approval
from .files import changed_files, files_line, snapshot
from .open_session import here, open_session
from .options import ChatOptions
from .team import Team

__all__ = ["Request", "agentchat", "begin", "close_chats"]


FORMS = {
    "markdown": "Write your final answer in Markdown.",
    "md": "Write your final answer in Markdown.",
    "text": "Write your final answer as plain text, without Markdown.",
    "code": "Your final answer is one block of Python code that does the whole task, and nothing else after it.",
    "json": "Your final answer is one JSON value, and nothing else.",
    "html": "Your final answer is one HTML fragment, and nothing else.",
    "image": "Show the result as a plot.",
    "math": "Write your final answer as LaTeX formulas between $$ and $$.",
}
"""What the agents are told for ``--format``."""


@dataclass(frozen=True)
class Request:
    """What a person wants done, with what it is about."""

    message: str
    options: ChatOptions
    inputs: Mapping[str, object] = field(default_factory=dict)
    """Variables to copy into the agent kernel, by name."""
    existing: Mapping[str, object] = field(default_factory=dict)
    """Variables that would be replaced by ``-o``, by name."""
    defaults: ChatOptions = field(default_factory=ChatOptions)
    """What holds where neither the options nor the conversation say anything: the configuration."""
    when_ended: Callable[[Chat], None] = lambda chat: None
    """Called when the chat has ended well, before anybody who waits goes on; on any thread."""


async def agentchat(
    message: str,
    *,
    inputs: Mapping[str, object] | None = None,
    outputs: Sequence[str] = (),
    model: str | None = None,
    human: str | None = None,
    approve: str | None = None,
    max_turns: int | None = None,
    timeout: float | None = None,
    name: str | None = None,
    new: bool = False,
    data: str | None = None,
    format: str | None = None,  # noqa: A002 - the word of the magic
    detach: bool = False,
    quiet: bool = False,
    budget: Budget | str | None = None,
    isolate: str | None = None,
    network: bool = False,
    mounts: Sequence[str] = (),
    memory: int | str | None = None,
    share: str | None = None,
    yes: bool = False,
    team: str | None = None,
    agent: str | None = None,
) -> Chat:
    """Let agents work on a request: the awaitable twin of ``%%agentchat``.

    A call goes on with the conversation of the one before, and finds the agent kernel's variables as that left them.

    Args:
        message: what you want done.
        inputs: variables to copy into the agent kernel, by name.
        outputs: names of variables to bring back from there, into ``Chat.variables``.
        model: as ``provider/model``, a server's URL, or ``builtin/demo``. Default: what the environment configures.
        human: when the agents ask you: ``"always"``, ``"terminate"`` or ``"never"`` (the classic's human_input_mode; default).
        approve: which generated code asks before it runs: ``"always"``, ``"risky"`` or ``"never"``. Default: the environment variable
            ``AUTOGEN_JUPYTER_APPROVE``; without it, none that runs inside a boundary, and else always.
        max_turns: round trips at the most.
        timeout: seconds a block of code may run; 60 by default.
        name: of the conversation to go on with, or to begin. Default: the one used last.
        new: begin a new conversation.
        data: what the model is told of ``inputs``: ``"schema"`` (default), ``"sample"``, ``"full"`` or ``"none"``.
        format: what form the answer should have, such as ``"markdown"`` or ``"json"``.
        detach: return at once; awaiting the chat waits for its end.
        quiet: show only the answer.
        budget: what this call may take, such as ``"0.50usd, 20 turns"``; a call with a higher one goes on where it ended.
        isolate: what holds generated code back: ``"auto"`` (default), ``"bubblewrap"`` or ``"none"``. This and the next four belong to
            the conversation's agent kernel: changing one of them later takes a new kernel, without the variables of the old one.
        network: let isolated code use the network.
        mounts: other folders that isolated code may read (``PATH``) or change too (``PATH:rw``).
        memory: what generated code may use, in bytes or as ``"4GB"``.
        share: a name under which conversations use one agent kernel.
        yes: do not ask before variables come back, or before a new agent kernel takes the old one's place.
        team: which team answers.
        agent: who of the team is addressed.

    Returns:
        The chat of this call; ``messages`` holds the earlier ones too.

    Raises:
        UsageError: an argument cannot work.
        NoHumanError: code has to be approved and nobody is there; nothing was sent to a model.
        ModelError, KernelError: the model or the agent kernel failed; the conversation is kept.

    Example:
        >>> chat = await agentchat("Describe df", inputs={"df": df}, approve="never")  # doctest: +SKIP
    """
    given = ChatOptions(
        model=model,
        human=human,
        approve=approve,
        max_turns=max_turns,
        timeout=timeout,
        budget=budget,
        inputs=tuple(inputs or ()),
        outputs=(outputs,) if isinstance(outputs, str) else tuple(outputs),
        name=name,
        new=new,
        data=data,
        format=format,
        detach=detach,
        quiet=quiet,
        isolate=isolate,
        network=network,
        mounts=(mounts,) if isinstance(mounts, str) else tuple(mounts),
        memory=memory,
        share=share,
        yes=yes,
        team=team,
        agent=agent,
    )
    return await begin(Request(message, given, inputs or {}))


async def begin(request: Request, among: Chats = chats) -> Chat:
    """Begin a chat; return it when it has ended, or at once when it is detached. The raised errors are those of ``agentchat``."""
    if not request.message.strip():
        raise UsageError("The request is empty: say below %%agentchat what you want done.")
    conversation = among.open(request.options)
    options = request.options.over(conversation.options).over(request.defaults)
    approved = approval(options, conversation.team)
    replace(options, approve=approved).check()
    check_replacing(options, request.existing)
    is_followed = not options.detach or not here().has_person
    if is_followed:
        await _wait(conversation.settle)
    session = open_session(cast(Approval, approved), quiet=options.quiet, detached=not is_followed)
    chat = Chat(conversation, request.message.strip(), options, session)
    conversation.turns.append(chat)
    if not is_followed:
        submit(_run_detached(chat, request, among))
        return chat
    await _wait(partial(_run, chat, request, among))
    return chat


async def _wait(work: Callable[[], object]) -> None:
    """Wait for work on the portal."""

    async def a_work() -> None:
        await work()  # type: ignore[misc]

    if here().kind == "terminal":
        # Terminal IPython drops a coroutine that is interrupted, without cancelling it; blocking its loop lets the interrupt arrive here.
        run_sync(a_work)()
    else:
        await on_portal(a_work)()


async def _run_detached(chat: Chat, request: Request, among: Chats) -> None:
    try:
        await chat.conversation.settle(before=chat)
        await _run(chat, request, among)
    except Exception as error:  # it waits for whoever awaits the chat; here it is shown
        chat.session.emit(Noticed(f"{type(error).__name__}: {error}", "error"))


async def _run(chat: Chat, request: Request, among: Chats) -> None:
    """Work on a request, in its session; note in the chat how that ended."""
    await among.close_replaced()
    result: ChatResult | None = None
    try:
        conversation = chat.conversation
        team = conversation.prepare(chat.options)
        chat.begins_at = len(conversation.messages)
        before = await asyncio.to_thread(snapshot)
        result = await chat.session.run(partial(_converse, chat, team, request))
        chat.files = await asyncio.to_thread(changed_files, before)
        request.when_ended(chat)
    except BaseException as error:
        chat.end(result, error if isinstance(error, Exception) else UsageError("The chat was stopped."))
        raise
    chat.end(result)


async def _converse(chat: Chat, team: Team, request: Request) -> ChatResult:
    options, session = chat.options, chat.session
    if team.notice:
        session.emit(Noticed(team.notice))
        team.notice = ""
    line = team.unasked_line() if session.context.approval == "never" and said_approval(options) is None else ""
    if line:
        session.emit(Noticed(line))
    form = f"\n\n{FORMS[options.format]}" if options.format else ""
    wanted = f"\n\nLeave what was asked for in these variables of the kernel: {', '.join(options.outputs)}." if options.outputs else ""
    told = await team.hand_over(request.inputs, options.data or "schema")
    opening = partial(
        team.proxy.a_initiate_chat,
        team.assistant,
        message=chat.request + told + wanted + form,
        clear_history=False,
        max_turns=options.max_turns,
        budget=options.budget,
    )
    made = set(team.executor.files_made())
    result = await _then_bring_back(chat, team, opening, request.existing) if options.outputs else await opening()
    new = [file for file in team.executor.files_made() if file not in made]
    if new:
        session.emit(Noticed(files_line(new)))
    return result


async def _then_bring_back(chat: Chat, team: Team, opening: Callable[[], object], existing: Mapping[str, object]) -> ChatResult:
    """Hold the chat, then bring variables back. For those who watch, the chat ends when that is done: a question may come in between."""
    emit, whole = chat.session.emit, new_id("chat")
    emit(ChatStarted(whole, team.proxy.name, team.assistant.name))
    reason = "interrupted"
    try:
        result = cast(ChatResult, await opening())  # type: ignore[misc]
        values = await bring_back(team.executor, chat.options.outputs)
        if await may_bring_back(chat, values, existing):
            chat.variables = values
            emit(Noticed(f"Brought back: {', '.join(describe(name, value) for name, value in values.items())}."))
        else:
            emit(Noticed(f"Left in the agent kernel: {', '.join(values)}."))
        reason = result.stop_reason
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise
    finally:
        emit(ChatEnded(whole, reason))
    return result


async def close_chats() -> None:
    """Forget the kernel's conversations and stop their agent kernels."""
    await chats.close()
