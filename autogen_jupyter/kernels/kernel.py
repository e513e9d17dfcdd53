"""A running kernel: gets ready, runs one request at a time, and is brought back when a request does not end."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from ..errors import KernelError, KernelStartError
from .channels import Channel
from .home import Channels, Home
from .languages import BOOTSTRAP_MODULE
from .orphans import MARK, Guard, kill_marked, new_mark
from .process import KernelProcess
from .remote import RemoteKernel
from .run import Ask, Run, TakeOutput
from .server import Server
from .settling import settle
from .values import json_value, literal_text

__all__ = ["Ending", "Kernel"]

START = 60.0
"""Seconds that a kernel may take to answer for the first time."""
NUDGE = 0.3
"""Seconds between questions to a kernel that does not announce itself."""
PATIENCE = (1.5, 1.0)
"""Seconds to wait after the first and the second interrupt before the kernel is killed."""
DRAIN = 0.05
"""Seconds to wait for the last messages of a kernel that has died."""
HEARING = 1.0
"""Seconds within which a kernel that has answered has also said so to all who listen."""

_INSTALL = """
import json, sys, types
module = sys.modules[name] = types.ModuleType(name)
for source in sources:
    exec(compile(source, "<agent kernel>", "exec"), vars(module))
failed = json.dumps(module.install())
"""
_SOURCES = ("toolbox.py", "showing.py", "shell_replies.py", "messages_out.py", "fence.py", "bootstrap.py")
_REMOTE_SOURCES = ("replay.py",)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a request ended."""

    how: Literal["done", "timeout", "flood", "died", "deaf"]
    """``deaf``: the request ended, and no output reaches us any more; the kernel was killed."""
    reply: Mapping[str, Any]
    """The shell reply's content; empty when there was none."""
    state_kept: bool
    interrupted: bool = False
    """Whether somebody asked for it to be interrupted."""
    lost_output: bool = False
    """Whether output went missing on the way, because there was too much of it."""
    shows_error: bool = False


class Kernel:
    """One kernel from its first breath to its last. After it has died, make another."""

    def __init__(self, process: Home, mark: str, temporary: Sequence[Path] = ()) -> None:
        self.process = process
        self._mark = mark
        self._guard = Guard(mark, process.folder, *temporary) if process.folder is not None else None
        self.failed_steps: dict[str, str] = {}
        """What the bootstrap could not do in this kernel, and why."""
        self._runs: dict[str, Run] = {}
        self._replies: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._begun: dict[str, asyncio.Future[None]] = {}
        self._heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.channels: Channels = process.connect(self._on_message)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.is_stopping = False

    @classmethod
    async def start(
        cls,
        kernel_name: str,
        *,
        cwd: str | None,
        env: Mapping[str, str],
        language: str,
        warm_up: Sequence[str] = (),
        memory_limit: int | None = None,
        provisioner: Mapping[str, Any] | None = None,
        server: Server | None = None,
        temporary: Sequence[Path] = (),
    ) -> Kernel:
        """Start a kernel and return it ready to run code.

        Args:
            language: what it runs; Python kernels get the bootstrap.
            warm_up: modules to import meanwhile, where that does not get in the way of code.
            memory_limit: bytes of data that a Python kernel may hold.
            provisioner: what launches it, as a kernel spec's metadata say it.
            server: where it runs, if not on this machine; folder and environment are those of there.
            temporary: folders that nobody needs once the notebook's process was killed.

        Raises:
            KernelStartError: it does not come up.
        """
        mark = new_mark()
        local: dict[str, Any] = {"cwd": cwd or "", "env": {**env, MARK: mark}, "provisioner": provisioner}
        home: Home = await (RemoteKernel.start(server, kernel_name, env=env) if server else KernelProcess.start(kernel_name, **local))
        kernel = cls(home, mark, temporary)
        try:
            await kernel._answer(kernel_name)
            if language == "python":
                await (kernel.bootstrap() if server is None else settle(kernel, cwd, env))
                if memory_limit is not None:
                    await kernel.command(f"__import__({BOOTSTRAP_MODULE!r}).limit_memory({memory_limit:d})")
                kernel._background(kernel._warm_up(warm_up))
        except BaseException:
            await asyncio.shield(kernel.stop())
            raise
        return kernel

    @property
    def died(self) -> asyncio.Future[int | None]:
        """Done with the exit code when the process has ended; None where nobody tells how it did."""
        return self.process.died

    async def run(
        self,
        code: str,
        *,
        timeout: float | None = None,
        silent: bool = False,
        take: TakeOutput | None = None,
        ask: Ask | None = None,
        expressions: Mapping[str, str] | None = None,
    ) -> Ending:
        """Run code until it ends, or is made to end. Cancelling interrupts the code and keeps the state where that is possible.

        Args:
            timeout: seconds, not counting the time that a person takes to answer; None for no limit.
            take: gets every output message.
            ask: answers ``input()``; without it, ``input()`` raises in the kernel.
            expressions: evaluated after the code; the values are in the reply.
        """
        content = {
            "code": code,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": dict(expressions or {}),
            "allow_stdin": ask is not None,
            "stop_on_error": False,  # one request at a time: there is nothing behind it to be dropped
        }
        if self._begun:
            await _first(*self._begun.values(), self.died, timeout=0.5)
        run = Run(take, ask, self._answer_input)
        msg_id = self.channels.send("shell", "execute_request", content)
        self._runs[msg_id] = run
        self.process.forget_words()  # of what ran before; now, because the kernel is at work and nobody waits for us
        try:
            how: Literal["done", "timeout", "flood", "died", "deaf"] = await self._follow(run, timeout)
            if how in ("timeout", "flood"):
                await self._bring_back(run)
            if run.lost_output and not await self._is_heard():
                how = "deaf"
                await self.process.kill()
        except BaseException:
            await asyncio.shield(self._background(self._bring_back(run)))
            raise
        finally:
            run.close()
            del self._runs[msg_id]
        return Ending(how, run.reply or {}, state_kept=not self.died.done(), interrupted=run.interrupted, lost_output=run.lost_output)

    async def interrupt(self) -> None:
        """Interrupt what runs; nothing is killed."""
        for run in self._runs.values():
            run.interrupted = True
        if self._runs:
            await self.process.interrupt()
            self._nudge()

    async def stop(self) -> None:
        """Kill it and leave nothing behind."""
        self.is_stopping = True
        await self.process.kill()
        if self._guard is not None:
            kill_marked(self._mark)
        for task in [*self._tasks]:
            if task is not asyncio.current_task():
                task.cancel()
        await self.channels.close()
        await self.process.end()
        if self._guard is not None:
            kill_marked(self._mark)  # again: a program that was just being started had no environment to be known by
            self._guard.stop()

    async def _follow(self, run: Run, timeout: float | None) -> Literal["done", "timeout", "flood", "died"]:
        loop = asyncio.get_running_loop()
        started = loop.time()
        self.died.add_done_callback(run.stir)
        try:
            while True:
                left = None if timeout is None or run.asking else started + timeout + run.asked_seconds - loop.time()
                if left is not None and left <= 0:
                    return "timeout"
                await run.stirs(left)
                if run.over.done():
                    return "done"
                if self.died.done():
                    await asyncio.wait({run.over}, timeout=DRAIN)
                    return "died"
                if run.flooded.done():
                    return "flood"
        finally:
            self.died.remove_done_callback(run.stir)

    async def _bring_back(self, run: Run) -> None:
        """Interrupt the run twice; when it does not end, kill the kernel."""
        for patience in PATIENCE:
            if run.over.done() or self.died.done():
                return
            await self.process.interrupt()
            answered = self._nudge()
            await _first(run.over, answered, self.died, timeout=patience)
            if answered.done():
                return  # requests are answered in order: the run is over, even if the interrupt hit its reply
        if not run.over.done():
            await self.process.kill()

    async def _is_heard(self) -> bool:
        """Say whether the kernel's messages still reach us, after one went missing."""
        self._heard = asyncio.get_running_loop().create_future()
        await _first(self._nudge(), self.died, timeout=HEARING)
        await _first(self._heard, self.died, timeout=HEARING)
        return self._heard.done() or self.died.done()

    def _nudge(self) -> asyncio.Future[Mapping[str, Any]]:
        """Ask something on the shell channel: a kernel that awaits in a cell sees an interrupt only when a message wakes it."""
        return self._request("shell", "kernel_info_request", {})

    def _request(self, channel: Channel, msg_type: str, content: Mapping[str, Any]) -> asyncio.Future[Mapping[str, Any]]:
        reply: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        msg_id = self.channels.send(channel, msg_type, content)
        self._replies[msg_id] = reply
        reply.add_done_callback(lambda _: self._replies.pop(msg_id, None))
        return reply

    def _answer_input(self, parent: Mapping[str, Any], value: str) -> None:
        self.channels.send("stdin", "input_reply", {"value": value, "status": "ok"}, parent=parent)

    def _on_message(self, channel: Channel, message: dict[str, Any]) -> None:
        parent = message["parent_header"]
        is_ours = message["msg_type"] == "iopub_welcome" or parent.get("session") == self.channels.session_id
        if channel == "iopub" and is_ours and not self._heard.done():
            self._heard.set_result(None)
        msg_id = parent.get("msg_id")
        begun = self._begun.pop(msg_id, None) if channel == "iopub" else None
        if begun is not None and not begun.done():
            begun.set_result(None)
        run, reply = self._runs.get(msg_id), self._replies.get(msg_id)
        if run is not None:
            run.on_message(channel, message)
        elif reply is not None and channel in ("shell", "control") and not reply.done():
            reply.set_result(message["content"])

    def _background(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _answer(self, kernel_name: str) -> None:
        """Wait until outputs reach us: ipykernel 7 announces it; any other kernel proves it by answering a question."""
        end = asyncio.get_running_loop().time() + START
        if self.process.is_remote:  # a server does not pass the announcement on
            self._nudge()
        while not self._heard.done():
            await _first(self._heard, self.died, timeout=NUDGE)
            if self._heard.done():
                break
            if self.died.done() or asyncio.get_running_loop().time() > end:
                raise KernelStartError(self._why_not(kernel_name))
            self._nudge()

    def _why_not(self, kernel_name: str) -> str:
        what = f"ended while starting ({self.process.cause()})" if self.died.done() else f"did not answer within {START:g} s"
        words = "\n".join(self.process.last_words().splitlines()[-12:])
        said = f" Its last words:\n{words}\n" if words else " It wrote nothing to its standard error. "
        advice = f"`jupyter run --kernel={kernel_name}` with a small script shows whether the kernel works outside of a chat."
        return f"The agent kernel {kernel_name!r} {what}.{said}{advice}"

    async def bootstrap(self) -> None:
        """Send the library's own part to the kernel, as an expression: IPython takes twice as long to read it as a cell."""
        names = (*_SOURCES, *_REMOTE_SOURCES) if self.process.is_remote else _SOURCES
        sources = [resources.files(__package__).joinpath(name).read_text(encoding="utf-8") for name in names]
        given = {"name": BOOTSTRAP_MODULE, "sources": sources}
        install = f"(lambda given: exec({_INSTALL!r}, given) or given['failed'])({given!r})"
        ending = await self.run("", silent=True, expressions={"failed": install}, timeout=START)
        failed = ending.reply.get("user_expressions", {}).get("failed", {})
        if ending.how == "done" and failed.get("status") == "ok":
            self.failed_steps = json.loads(literal_text(failed["data"]["text/plain"]))
        elif ending.how != "done":
            raise KernelStartError(self._why_not("python"))
        else:
            self.failed_steps = {"bootstrap": str(failed.get("evalue") or ending.reply.get("evalue") or "no report")}
        if self.failed_steps:
            _log.warning("This ipykernel differs from those known; the agent kernel works without: %s", self.failed_steps)

    async def is_reached(self) -> None:
        """Wait until the kernel has done all that it was asked before, or has died."""
        await _first(self._nudge(), self.died, timeout=None)

    async def find_ends(self, is_whole: bool) -> None:
        """After the connection broke: note what was lost, and end what has ended without our hearing of it."""
        runs = [*self._runs.values()]
        for run in runs:
            run.reconnect(is_whole=is_whole)
        await self.is_reached()
        for run in (run for run in runs if run.reply is None):
            run.lose_end()

    def post(self, msg_type: str, content: Mapping[str, Any], *, buffers: Sequence[bytes] = ()) -> None:
        """Send a message to the shell channel that has no answer."""
        self.channels.send("shell", msg_type, content, buffers=buffers)

    async def _warm_up(self, modules: Sequence[str]) -> None:
        """Import modules in a subshell, where code that runs meanwhile is not kept waiting."""
        subshell = await self._subshell() if modules else None
        if subshell is None:
            return
        while self._runs:
            await _first(*(run.over for run in self._runs.values()), self.died, timeout=None)
            await asyncio.sleep(0.01)
        await self._in_subshell(subshell, f"__import__({BOOTSTRAP_MODULE!r}).warm_up({tuple(modules)!r})")

    async def look(self, expression: str, *, timeout: float) -> Any:
        """Return the value of an expression, which is JSON text there, without waiting for code that runs.

        Raises:
            KernelError: the kernel cannot do that, or did not answer in time.
        """
        looking = self._background(self._look(expression))
        await _first(looking, self.died, timeout=timeout)
        if not looking.done():
            looking.cancel()
            raise KernelError(f"The agent kernel cannot be looked into now: it did not answer within {timeout:g} s.")
        return looking.result()

    async def _look(self, expression: str) -> Any:
        subshell = await self._subshell()
        if subshell is None:
            raise KernelError("This kernel cannot be looked into while code runs in it. Wait until the code has ended.")
        return json_value(await self._in_subshell(subshell, "", {"value": expression}))

    async def _subshell(self) -> str | None:
        """Return a new shell beside the main one, where this kernel has such."""
        info = await self._request("control", "kernel_info_request", {})
        if "kernel subshells" not in info.get("supported_features", ()):
            return None
        return (await self._request("control", "create_subshell_request", {})).get("subshell_id")

    async def _in_subshell(self, subshell: str, code: str, expressions: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """Run code of ours in a subshell, which goes with it; return the reply, empty when the kernel died."""
        content = {"code": code, "silent": True, "store_history": False, "allow_stdin": False, "user_expressions": dict(expressions or {})}
        loop = asyncio.get_running_loop()
        reply: asyncio.Future[Mapping[str, Any]] = loop.create_future()
        msg_id = self.channels.send("shell", "execute_request", content, header={"subshell_id": subshell})
        self._replies[msg_id] = reply
        self._begun[msg_id] = loop.create_future()  # while it begins, ipykernel would take a cell's threads for its own
        try:
            await _first(reply, self.died, timeout=None)
        finally:
            self._replies.pop(msg_id, None)
            self._begun.pop(msg_id, None)
        if reply.done():
            await _first(self._request("control", "delete_subshell_request", {"subshell_id": subshell}), self.died, timeout=None)
        return reply.result() if reply.done() else {}

    async def command(self, code: str, expression: str | None = None) -> Any:
        """Run code of ours, unseen; return the value of ``expression``, which has to be JSON text.

        Raises:
            KernelError: it failed.
        """
        ending = await self.run(code, silent=True, expressions={"value": expression} if expression else None, timeout=START)
        if ending.how != "done" or ending.reply.get("status") != "ok":
            raise KernelError(f"The agent kernel could not do its part: {ending.reply.get('evalue') or ending.how}.")
        return json_value(ending.reply) if expression else None


async def _first(*futures: asyncio.Future[Any], timeout: float | None) -> None:
    """Wait until one of them is done, or for ``timeout`` seconds."""
    await asyncio.wait(futures, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
