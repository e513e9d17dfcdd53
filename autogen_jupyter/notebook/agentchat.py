"""``agentchat``: what the magic does, as a function."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import partial, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from ..context import Approval
from ..conversation.chat_result import ChatResult
from ..errors import ChatStopped, UsageError
from ..events import ChatEnded, ChatStarted, Noticed
from ..kernels import describe
from ..messages import new_id
from ..models.budget import Budget
from ..models.dry_run import DryRun
from ..portal import is_portal, on_portal, run_sync, submit
from ..redaction import redacted
from ..session.entries import PartOf
from ..session.files_told import files_line, made_by_code
from ..session.policy import Decide, Policy
from ..session.session import Session
from .bring_back import NotBroughtBack, bring_back
from .chat import Chat
from .chats import Chats, chats
from .consent import approval, as_approved, check_answerable, may_bring_back, said_approval
from .files import changed_files, new_inside, snapshot
from .kernel_options import KernelOptions
from .open_session import here, open_session
from .options import ChatOptions
from .prompt import Prompt
from .record import is_kept
from .team import Team
from .teams import team

__all__ = ["Request", "agentchat", "agentchat_sync", "begin", "begin_sync", "close_chats"]

P = ParamSpec("P")
T = TypeVar("T")

_blocks: ContextVar[bool] = ContextVar("autogen_jupyter_blocks", default=False)
"""Whether the caller waits by blocking its thread."""

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
    """Called when the chat has its answer, before anybody who waits goes on; on any thread."""
    prompt: Prompt | None = None
    """What is sent for the message, where it names parts of the notebook."""
    policy: Policy | None = None
    """Answers questions before anybody is asked."""
    keeps: str = ""
    """How files that isolated code made are kept, where no magic does it."""
    open: Callable[..., Session] = open_session
    """Opens the session that shows the chat; takes the arguments of ``open_session``."""


async def agentchat(
    message: str,
    *,
    inputs: Mapping[str, object] | None = None,
    outputs: Sequence[str] = (),
    model: str | None = None,
    human: str | Decide | None = None,
    approve: str | Decide | None = None,
    max_turns: int | None = None,
    timeout: float | None = None,
    name: str | None = None,
    new: bool = False,
    data: str | None = None,
    format: str | None = None,  # noqa: A002 - the word of the magic
    detach: bool = False,
    quiet: bool = False,
    budget: Budget | str | None = None,
    dry_run: bool = False,
    kernel: str | None = None,
    isolate: str | None = None,
    network: bool = False,
    mounts: Sequence[str] = (),
    memory: int | str | None = None,
    share: str | None = None,
    yes: bool = False,
    team: str | None = None,
    agent: str | None = None,
    pickle: bool = False,
) -> Chat | DryRun:
    """Let agents work on a request: the awaitable twin of ``%%agentchat``.

    A call goes on with the conversation of the one before, and finds the agent kernel's variables as that left them.

    Args:
        message: what you want done.
        inputs: variables to copy into the agent kernel, by name.
        outputs: names of variables to bring back from there, into ``Chat.variables``.
        model: as ``provider/model``, a server's URL, or ``builtin/demo``. Default: what the environment configures.
        human: when the agents ask you: ``"always"``, ``"terminate"`` or ``"never"`` (the classic's human_input_mode; default). Or a
            function that answers in your place, at every message; see below.
        approve: which generated code asks before it runs: ``"always"``, ``"risky"`` or ``"never"``. Default: the environment variable
            ``AUTOGEN_JUPYTER_APPROVE``; without it, none that runs inside a boundary, and else always. Or a function that decides in your
            place, about all code.
        max_turns: round trips at the most.
        timeout: seconds a block of code may run; 60 by default.
        name: of the conversation to go on with, or to begin. Default: the one used last.
        new: begin a new conversation.
        data: what the model is told of ``inputs``: ``"schema"`` (default), ``"sample"``, ``"full"`` or ``"none"``.
        format: what form the answer should have, such as ``"markdown"`` or ``"json"``.
        detach: return at once; awaiting the chat waits for its end.
        quiet: show only the answer.
        dry_run: send nothing; return a ``DryRun`` with the exact request, its tokens and its price.
        kernel: where code runs: the name of a Jupyter kernel, or the name or the address of a server.
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
        pickle: also copy ``inputs`` of any other class than tables, arrays and plain data, by pickle. Nothing ever comes back that way.

    The functions, sync or async, take an ``InputRequest`` (``.blocks`` is the code, ``.prompt`` the question) and return ``True`` to run
    the code or go on, ``False`` to end the chat, a text to say that instead, or ``None`` to have the person asked.

    Returns:
        The chat of this call; ``messages`` holds the earlier ones too. With ``dry_run``, the request that was not made.

    Raises:
        UsageError: an argument cannot work.
        NotBroughtBack: a variable of ``outputs`` is not there; the error's ``chat`` has the answer.
        NoHumanError: code has to be approved and nobody is there; nothing was sent to a model.
        ModelError, KernelError: the model or the agent kernel failed; the conversation is kept.

    Example:
        >>> chat = await agentchat("Describe df", inputs={"df": df}, approve="never")  # doctest: +SKIP
        >>> no_files = lambda request: all("open(" not in block.code for block in request.blocks)
        >>> chat = await agentchat("Describe df", inputs={"df": df}, approve=no_files)  # doctest: +SKIP
    """
    given = ChatOptions(
        model=model,
        human=human if isinstance(human, str) or human is None else "always",
        approve=approve if isinstance(approve, str) or approve is None else "always",
        max_turns=max_turns,
        timeout=timeout,
        budget=budget,
        kernel=kernel,
        inputs=tuple(inputs or ()),
        outputs=(outputs,) if isinstance(outputs, str) else tuple(outputs),
        name=name,
        new=new,
        data=data,
        format=format,
        detach=detach,
        quiet=quiet,
        dry_run=dry_run,
        isolate=isolate,
        network=network,
        mounts=(mounts,) if isinstance(mounts, str) else tuple(mounts),
        memory=memory,
        share=share,
        yes=yes,
        team=team,
        agent=agent,
        pickle=pickle,
    )
    return await begin(Request(message, given, inputs or {}, policy=_policy(approve, human)))


def _blocking(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Make the sync door of a function that only waits by ``_wait``: it works where a loop is running too, as in a notebook."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        if is_portal():
            raise RuntimeError(f"A blocking call would wait for the loop it runs on; await {function.__name__}() instead.")
        token = _blocks.set(True)
        try:
            function(*args, **kwargs).send(None)
        except StopIteration as ended:
            return cast(T, ended.value)
        finally:
            _blocks.reset(token)
        raise AssertionError("unreachable")

    return wrapper


agentchat_sync = _blocking(agentchat)
"""``agentchat`` for scripts without a loop: the same, and it returns when the chat has ended."""


def _policy(approve: str | Decide | None, human: str | Decide | None) -> Policy | None:
    """Return the functions among the two options. The one for talking decides about code only where code may run anyhow."""
    decide = None if isinstance(approve, str) else approve
    answer = None if isinstance(human, str) else human
    if decide is None and answer is None:
        return None
    return Policy(approve=decide or (answer if approve == "never" else None), human=answer)


agentchat.team = team  # type: ignore[attr-defined]


async def begin(request: Request, among: Chats = chats) -> Chat | DryRun:
    """Begin a chat; return it when it has ended, or at once when it is detached. The raised errors are those of ``agentchat``."""
    if not request.message.strip():
        raise UsageError("The request is empty: say below %%agentchat what you want done.")
    if request.options.dry_run:
        return await _wait(partial(_rehearse, request, among))
    KernelOptions.of(_over_known(request, among)).check()  # while the conversation that might be replaced is still there
    conversation = among.open(request.options)
    options = request.options.over(conversation.options).over(request.defaults)
    approved = approval(options, conversation.team)
    replace(options, approve=approved).check()
    check_answerable(options, conversation.team, request.existing, request.policy)
    is_followed = not options.detach or not here().has_person
    if is_followed:
        await _wait(conversation.settle)
    session = request.open(cast(Approval, approved), quiet=options.quiet, detached=not is_followed, policy=request.policy)
    session.part_of = PartOf(conversation.name, conversation.id)
    if is_kept(has_person=here().kind in ("notebook", "console", "terminal")):
        conversation.keep(session)
    chat = Chat(conversation, redacted(request.message.strip()), options, session, request.prompt)
    conversation.turns.append(chat)
    if not is_followed:
        submit(_run_detached(chat, request, among))
        return chat
    await _wait(partial(_run, chat, request, among))
    return chat


begin_sync = _blocking(begin)
"""``begin``, for callers without a loop."""


async def _wait(work: Callable[[], Awaitable[T]]) -> T:
    """Wait for work on the portal."""

    async def a_work() -> T:
        return await work()

    if _blocks.get() or here().kind == "terminal":
        # Terminal IPython drops a coroutine that is interrupted, without cancelling it; blocking its loop lets the interrupt arrive here.
        return run_sync(a_work)()
    return await on_portal(a_work)()


async def _run_detached(chat: Chat, request: Request, among: Chats) -> None:
    try:
        await chat.conversation.settle(before=chat)
        await _run(chat, request, among)
    except Exception as error:  # it waits for whoever awaits the chat; here it is shown
        chat.session.emit(Noticed(f"{type(error).__name__}: {error}", "error"))


async def _run(chat: Chat, request: Request, among: Chats) -> None:
    """Work on a request, in its session; note in the chat how that ended."""
    await among.close_replaced()
    try:
        conversation = chat.conversation
        team = conversation.prepare(chat.options, chat.request)
        chat.begins_at = len(conversation.messages)
        before = await asyncio.to_thread(snapshot)
        try:
            await chat.session.run(partial(_converse, chat, team, request))
        finally:
            if chat.is_answered:
                chat.files = sorted({*await asyncio.to_thread(changed_files, before), *chat.files_in_kernel})
                request.when_ended(chat)
    except BaseException as error:
        if isinstance(error, NotBroughtBack):
            error.chat = chat
        chat.end(error if isinstance(error, Exception) else ChatStopped("stopped by the human"))
        raise
    chat.end()


async def _converse(chat: Chat, team: Team, request: Request) -> None:
    options, session = chat.options, chat.session
    if team.notice:
        session.emit(Noticed(team.notice))
        team.notice = ""
    line = team.unasked_line() if session.context.approval == "never" and said_approval(options) is None else ""
    if line:
        session.emit(Noticed(line))
    sent = await as_approved(chat)
    told = await team.hand_over(request.inputs, options.data or "schema", pickle=options.pickle)
    opening = partial(
        team.proxy.a_initiate_chat,
        team.partner,
        message=_opening(sent, told, options),
        clear_history=False,
        **team.chat_arguments(options),
        budget=options.budget,
    )
    made = made_by_code(team.executor)
    try:
        if options.outputs:
            await _then_bring_back(chat, team, opening, request)
        else:
            chat.keep(await opening())
    finally:
        new = new_inside(team.executor, made)
        chat.files_in_kernel = [Path(file.path) for file in new]
        if new:
            hint = request.keeps or (" and go with it; isolate='none' keeps files" if here().kind == "script" else "")
            session.emit(Noticed(files_line(new, hint) if hint else files_line(new)))


def _over_known(request: Request, among: Chats) -> ChatOptions:
    """Return the options that hold for a request, without opening a conversation for it."""
    known = among.known(request.options)
    return request.options.over(known.options if known is not None else ChatOptions()).over(request.defaults)


def _opening(said: str, told: str, options: ChatOptions) -> str:
    """Return the message that the assistant reads: the request, and what it has to know beside it."""
    form = f"\n\n{FORMS[options.format]}" if options.format else ""
    wanted = f"\n\nLeave what was asked for in these variables of the kernel: {', '.join(options.outputs)}." if options.outputs else ""
    return said + told + wanted + form


async def _rehearse(request: Request, among: Chats) -> DryRun:
    """Return what a request would send first. The conversation, its model and its agent kernel stay as they are."""
    known = among.known(request.options)
    options = _over_known(request, among).check()
    if known is not None:
        await known.settle()
    team = known.team if known is not None and known.team is not None else await asyncio.to_thread(Team, options)
    said = request.prompt.text if request.prompt is not None else request.message.strip()
    message = _opening(redacted(said), team.describe(request.inputs, options.data or "schema"), options)
    return await team.rehearse(message, options)


async def _then_bring_back(chat: Chat, team: Team, opening: Callable[[], object], request: Request) -> None:
    """Hold the chat, then bring variables back. For those who watch, the chat ends when that is done: a question may come in between."""
    emit, whole = chat.session.emit, new_id("chat")
    emit(ChatStarted(whole, team.proxy.name, team.partner.name))
    reason = "interrupted"
    try:
        result = cast(ChatResult, await opening())  # type: ignore[misc]
        chat.keep(result)  # it was paid for, and stays whatever becomes of the variables
        await _bring_back(chat, team, request)
        reason = result.stop_reason
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise
    finally:
        emit(ChatEnded(whole, reason))


async def _bring_back(chat: Chat, team: Team, request: Request) -> None:
    """Bring back what can be; then raise what cannot."""
    missing: NotBroughtBack | None = None
    try:
        values = await bring_back(team.executor, chat.options.outputs)
    except NotBroughtBack as error:
        values, missing = error.values, error
    is_decided = request.policy is not None and request.policy.approve is not None
    if values and await may_bring_back(chat, values, request.existing, is_decided=is_decided):
        chat.variables = values
        chat.session.emit(Noticed(f"Brought back: {', '.join(describe(name, value) for name, value in values.items())}."))
    elif values:
        chat.session.emit(Noticed(f"Left in the agent kernel: {', '.join(values)}."))
    if missing is not None:
        raise missing


async def close_chats() -> None:
    """Forget the kernel's conversations and stop their agent kernels."""
    await chats.close()
