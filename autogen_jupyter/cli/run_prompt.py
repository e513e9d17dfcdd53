"""``jupyter agentchat run "…"``: one request, answered in the terminal, with its report as a file."""

from __future__ import annotations

import difflib
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..context import Approval
from ..errors import NoHumanError, UsageError
from ..events import ChatEvent, InputRequested, to_json
from ..kernels import KernelCodeExecutor
from ..models.config import resolve_model
from ..models.dry_run import DryRun
from ..notebook.agentchat import Request, begin_sync
from ..notebook.chats import Chats
from ..notebook.consent import said_approval
from ..notebook.doors import Nobody
from ..notebook.export import check_target, export_chat
from ..notebook.files import bring_all
from ..notebook.options import ChatOptions
from ..portal import run_sync
from ..session.console import ConsoleRenderer
from ..session.files_told import files_line, made_by_code
from ..session.ledger import ledger_from_environment
from ..session.policy import Policy
from ..session.session import Session
from ..session.stdin import StdinInput
from ..terminal import clean
from .arguments import DATA_LEVELS
from .exit_codes import ANSWERED, code_of_reason
from .screen import is_colored

__all__ = ["RunOptions", "run_prompt"]

READERS = {".csv": "read_csv", ".tsv": "read_table", ".parquet": "read_parquet", ".feather": "read_feather", ".xlsx": "read_excel"}
"""Tables that become variables; other files are named to the agents."""


@dataclass(frozen=True)
class RunOptions:
    """What the command line asked for."""

    prompt: str
    chat: ChatOptions
    data: Sequence[str] = ()
    out: Sequence[Path] = ()
    files: Path | None = None
    """A folder, new or empty, for the files that code makes."""
    as_json: bool = False


def run_prompt(options: RunOptions) -> int:
    """Let the agents answer, write the reports, and return the exit code."""
    for path in options.out:
        check_target(path)
    if options.files is not None:
        _check_folder(options.files)
    message, inputs = _with_data(options.prompt, options.data)
    chat_options = _approved(options.chat)
    among = Chats()
    show = _Show(options.as_json, quiet=options.chat.quiet)
    try:
        chat = begin_sync(Request(message, chat_options, inputs, keeps=_keeps(options.files), open=show.open_session), among)
    except BaseException:
        _write(among, options, show)
        raise
    else:
        if isinstance(chat, DryRun):
            print(chat)
            return ANSWERED
        if show.is_silent:
            print(clean(str(chat.summary or "")))
        _write(among, options, show)
        if show.is_broken:
            raise BrokenPipeError
        code = code_of_reason(chat.stop_reason)
        if code != ANSWERED:
            print(f"jupyter agentchat: the chat ended early: {chat.stop_reason}", file=sys.stderr)
        return code
    finally:
        run_sync(among.close)()


class _Show:
    """Shows the chat: everything on a terminal, events where they were asked for, and nothing but the answer in a pipe."""

    def __init__(self, as_json: bool, *, quiet: bool) -> None:
        self._as_json = as_json
        self.has_person = sys.stdin.isatty() and sys.stdout.isatty()
        self.is_broken = False
        """Whether nobody reads the output any more."""
        self.is_silent = not as_json and (quiet or not sys.stdout.isatty())

    def open_session(self, approval: Approval, *, policy: Policy | None = None, **_unused: Any) -> Session:
        del policy  # functions decide only where a program calls
        if approval != "never" and not self.has_person:
            raise NoHumanError(
                f"The code that the model writes has to be approved (--approve {approval}), and nobody is here to ask: input or output is "
                "no terminal. Nothing was sent to a model. If you accept that it runs as you, on this machine, add --approve never."
            )
        session = Session(door=StdinInput() if self.has_person else Nobody(), approval=approval)
        if self._as_json:
            self._print_events(session)
        elif not self.is_silent:
            session.subscribe(_renderer())
        ledger = ledger_from_environment()
        if ledger is not None:
            session.subscribe(ledger)
        return session

    def _print_events(self, session: Session) -> None:
        def show(event: ChatEvent) -> None:
            if self.is_broken:
                return
            try:
                print(json.dumps(to_json(event), ensure_ascii=False, default=str), flush=True)
            except BrokenPipeError:  # whoever read it has had enough, so nothing more is to be paid for
                self.is_broken = True
                session.interrupt("nobody reads the events any more")

        session.subscribe(show)


def _renderer() -> Callable[[ChatEvent], None]:
    renderer = ConsoleRenderer(lambda text: print(text, end="", flush=True), color=is_colored(sys.stdout))
    return lambda event: None if isinstance(event, InputRequested) else renderer.show_event(event)  # the door asks itself


def _approved(options: ChatOptions) -> ChatOptions:
    """Say who approves code where nobody did: the built-in demo model's code comes from templates that are part of this package."""
    if said_approval(options) is not None or resolve_model(options.model).client.is_language_model:
        return options
    return replace(options, approve="never")


def _check_folder(folder: Path) -> None:
    """Refuse a folder in which files could be replaced, before anything is spent on what goes there."""
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"--files {folder}: it is not empty. Name a new or an empty folder, so that no file of yours is replaced.")
    except OSError as error:
        raise UsageError(f"--files {folder}: it cannot be used ({error.strerror}).") from error


def _keeps(folder: Path | None) -> str:
    return f" and go with it; --files {'DIR keeps them' if folder is None else f'{folder} keeps them'}"


def _with_data(prompt: str, names: Sequence[str]) -> tuple[str, dict[str, object]]:
    """Return the request with what it says of files, and the tables among them by variable name."""
    inputs: dict[str, object] = {}
    told: list[str] = []
    for path in map(Path, names):
        if not path.is_file():
            near = difflib.get_close_matches(str(path), [*DATA_LEVELS, *neighbours(path)], n=1)
            hint = f"Did you mean --data {near[0]}? " if near else ""
            raise UsageError(f"There is no file {str(path)!r}. {hint}--data names a file, or one of {', '.join(DATA_LEVELS)}.")
        if path.suffix.lower() in READERS:
            name = _variable(path.stem, inputs)
            inputs[name] = _table(path)
            told.append(f"`{name}` was read from {path}.")
        else:
            told.append(f"There is the file {path.resolve()}.")
    return "\n\n".join([prompt, *(["\n".join(told)] if told else [])]), inputs


def neighbours(path: Path) -> list[str]:
    """Return the files in a path's folder, as one would write them here."""
    try:
        return [str(path.with_name(entry.name)) for entry in os.scandir(path.parent) if entry.is_file()]
    except OSError:
        return []


def _variable(stem: str, taken: dict[str, object]) -> str:
    name = re.sub(r"\W+", "_", stem).strip("_").lower() or "data"
    name = f"data_{name}" if name[0].isdigit() else name
    return next(one for one in (name, *(f"{name}_{number}" for number in range(2, 1_000))) if one not in taken)


def _table(path: Path) -> object:
    try:
        import pandas as pd
    except ImportError as error:
        raise UsageError("pandas is missing, which reads tables: pip install pandas. Or name the file in the request.") from error
    try:
        return getattr(pd, READERS[path.suffix.lower()])(path)
    except Exception as error:  # what a parser can say about a file is without end
        raise UsageError(f"{path} cannot be read as a table: {type(error).__name__}: {str(error)[:200]}") from error


def _write(among: Chats, options: RunOptions, show: _Show) -> None:
    """Write the reports of what there is: also of a chat that an error or a limit ended."""
    conversation = among.current
    parts = [(chat.request, chat.entries, chat.session.transcript.status) for chat in (conversation.turns if conversation else ())]
    if not any(entries for _, entries, _ in parts):
        return
    for path in options.out:
        export_chat(parts, title=options.prompt.strip().splitlines()[0][:80], path=path)
        print(f"Written: {path}", file=sys.stderr)
    if conversation is not None and conversation.team is not None:
        _keep_files(conversation.team.executor, options, is_told=not show.is_silent)


def _keep_files(executor: KernelCodeExecutor, options: RunOptions, *, is_told: bool) -> None:
    """Copy what isolated code made to where it was asked for; else say what is lost, where the chat has not."""
    made = made_by_code(executor)
    if options.files is None:
        if made and not is_told:
            print(clean(files_line(made, _keeps(None))), file=sys.stderr)
        return
    if not executor.isolated:
        print(f"Nothing is in {options.files}: this code was not isolated, and wrote its files where it ran.", file=sys.stderr)
        return
    brought, refused = bring_all(executor, to=options.files)
    for line in (*(f"Written: {options.files / path.relative_to(options.files.absolute())}" for path in brought), *refused):
        print(clean(line), file=sys.stderr)
    if not brought:
        print(f"Nothing is in {options.files}: no files were made.", file=sys.stderr)
