"""The demo model's whole behaviour: from a message history to the next message, always the same for the same history.

A request takes at most these steps, each read off the history: look at the data, run the analysis, mend it after an error, sum up.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from .conversation import Run, Turn, known_frames, read_turns
from .output import read_sections
from .programs import analysis, fenced, files_found, look, search
from .repair import Failure, repair
from .request import Request, Source, read_request
from .schema import Frame
from .tasks import Task, plan, sounds_like_a_task
from .team import part_in_team
from .texts import END, columns_seen, done, introduction, no_data, nothing_readable, outside, unmendable
from .words import has, split_words
from .writing import and_list, inline

__all__ = ["reply"]

_MOST_REPAIRS = 3
_HELP = ("help", "what can you do", "who are you", "what are you", "what do you know", "your tasks", "capabilities")
_GREETINGS = {"hello", "hi", "hey", "hallo", "greetings", "welcome", "thanks", "thank"}


@dataclass(frozen=True, slots=True)
class _Situation:
    """The current turn with everything that the earlier ones left."""

    turn: Turn
    request: Request
    frames: tuple[Frame, ...]
    """What has been looked at and what tasks have made, the newest last."""
    before: Task | None

    @property
    def unseen(self) -> tuple[Source, ...]:
        """Sources that the request names and that were not looked at yet."""
        known = {(frame.name, frame.path) for frame in self.frames}
        return tuple(source for source in self.request.sources if (source.name, source.path) not in known)

    @property
    def meant(self) -> tuple[Frame, ...]:
        """The frames that the request is about: those it names, else all, the one used last first."""
        names = [source.name for source in self.request.sources]
        named = [frame for name in names for frame in self.frames if frame.name == name]
        if named:
            return tuple(named)
        last = self.before.frame.name if self.before else ""
        newest_first = self.frames[::-1]
        return tuple(sorted(newest_first, key=lambda frame: frame.name != last))

    @property
    def tasks(self) -> list[Task]:
        return plan(self.request.clauses, self.meant, self.before)


def reply(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return the demo model's next message for a Chat Completions history. It never raises and always answers the same.

    Example:
        >>> print(reply([{"role": "user", "content": "Describe data/penguins.csv"}]).splitlines()[0])
        I will first load the data and look at its columns.
    """
    part = part_in_team(messages)
    if part is not None:
        return part
    turns = read_turns(messages)
    if not turns:
        return done(introduction())
    situation = _situation(turns)
    turn = turns[-1]
    if turn.answer is not None:
        return _repeat(turn.answer, for_summary=_role(messages[-1]) == "system")
    if not turn.runs:
        return _first_answer(situation)
    last = turn.runs[-1]
    return _after_success(situation, last) if last.succeeded else _after_failure(situation, last)


def _role(message: object) -> object:
    return message.get("role") if isinstance(message, Mapping) else None


def _repeat(answer: str, *, for_summary: bool) -> str:
    """Answer a message that asks nothing new. A system message at the end asks for a summary of the chat, and the answer is one."""
    text = answer.strip().removesuffix(END).strip()
    return (text or introduction()) if for_summary else done(text)


def _situation(turns: Sequence[Turn]) -> _Situation:
    """Go through the earlier turns to find out which data there is and what was done last."""
    before: Task | None = None
    made: dict[str, Frame] = {}
    for count in range(1, len(turns) + 1):
        frames = {**known_frames(turns[:count]), **made}
        request = _with_found_files(
            read_request(turns[count - 1].request, [frame.name for frame in frames.values() if frame.path is None]), turns[count - 1]
        )
        situation = _Situation(turns[count - 1], request, tuple(frames.values()), before)
        if count < len(turns):
            for task in situation.tasks:
                before = task
                if task.result is not None:
                    made[task.result.name] = task.result
    return situation


def _with_found_files(request: Request, turn: Turn) -> Request:
    """Let a file that a search found stand in for the one that was asked for."""
    sources = list(request.sources)
    for run in turn.runs:
        missing = next((source for source in sources if source.path and search(source.path) == run.code), None)
        found = _closest(missing.path or "", files_found(run.output)) if missing and run.succeeded else None
        if missing and found:
            sources[sources.index(missing)] = Source(missing.name, found)
    return Request(request.clauses, tuple(sources))


def _closest(path: str, found: Sequence[str]) -> str | None:
    name = PurePosixPath(path.replace("\\", "/")).name.lower()
    by_name = {PurePosixPath(candidate).name.lower(): candidate for candidate in reversed(found)}
    near = difflib.get_close_matches(name, list(by_name), n=1, cutoff=0.7)
    return by_name[near[0]] if near else None


def _first_answer(situation: _Situation) -> str:
    text = situation.turn.request
    words = split_words(text)
    if not situation.request.sources and (has(words, *_HELP) or (words and len(words) <= 4 and _GREETINGS.intersection(words))):
        return done(introduction())
    knows_how = sounds_like_a_task(situation.request.text) or _names_only_data(situation.request)
    if not knows_how and not situation.tasks:
        return outside()
    if situation.unseen:
        loads = any(source.path for source in situation.unseen)
        return f"I will first {'load the data and ' if loads else ''}look at {'its' if loads else 'the'} columns.\n\n" + fenced(
            look(situation.unseen)
        )
    if not situation.frames:
        return no_data()
    return _analyse(situation)


def _names_only_data(request: Request) -> bool:
    names = {word for source in request.sources for word in split_words(source.name)}
    return bool(request.sources) and set(split_words(request.text)) <= names


def _analyse(situation: _Situation, opening: str = "") -> str:
    tasks = _tasks(situation)
    if not tasks:
        return columns_seen(situation.meant)
    aims = and_list([task.aim for task in tasks]) if len(tasks) < 3 else "; ".join(task.aim for task in tasks)
    return f"{opening}I will {aims}.{_limit_note(situation)}\n\n" + fenced(analysis(tasks))


def _limit_note(situation: _Situation) -> str:
    limit = situation.request.limit
    return f" I cannot restrict the rows by “{inline(limit)}”, so I take them all." if limit else ""


def _tasks(situation: _Situation) -> list[Task]:
    if situation.tasks or not _names_only_data(situation.request):
        return situation.tasks
    return plan(["describe"], situation.meant)


def _after_success(situation: _Situation, run: Run) -> str:
    if situation.unseen:
        missing = next((source for source in situation.unseen if source.path and search(source.path) == run.code), None)
        if missing:
            return _not_found(missing, files_found(run.output))
        if any(done_run.code == look(situation.unseen) for done_run in situation.turn.runs):
            return nothing_readable(["look at the data"])
        near = and_list([inline(source.path, 120) for source in situation.unseen])
        return f"I will load {near}, which comes closest, and look at its columns.\n\n" + fenced(look(situation.unseen))
    tasks = _tasks(situation)
    sections = read_sections(run.output, [task.title for task in tasks])
    if sections:
        return _sum_up(tasks, situation, run)
    if any(analysis(tasks) == earlier.code for earlier in situation.turn.runs) or not _is_look(situation, run):
        return nothing_readable([task.aim for task in tasks])
    return _analyse(situation, _seen(situation.meant))


def _is_look(situation: _Situation, run: Run) -> bool:
    return any(f"{frame.name}" in run.output for frame in situation.meant) and " rows x " in run.output


def _seen(frames: Sequence[Frame]) -> str:
    sizes = [f"`{frame.name}` has {frame.rows:,} rows and {len(frame.columns)} columns" for frame in frames[:4]]
    return f"{and_list(sizes)}. "


def _not_found(source: Source, found: Sequence[str]) -> str:
    seen = "\n".join(f"- {inline(path, 120)}" for path in found[:10])
    text = f"I cannot find {inline(source.path, 120)}, nor a file with a similar name."
    return done(
        f"{text} These files are nearby:\n\n{seen}"
        if seen
        else f"{text} Please check the path; it counts from the folder in which the code runs."
    )


def _sum_up(tasks: Sequence[Task], situation: _Situation, run: Run) -> str:
    sections = read_sections(run.output, [task.title for task in tasks])
    parts = [summary for task in tasks if task.title in sections and (summary := task.summary(sections[task.title]))]
    if len(parts) < len(tasks):
        lost = [task.aim for task in tasks if task.title not in sections or not task.summary(sections[task.title])]
        if not parts:
            return nothing_readable(lost)
        parts.append(f"The output does not hold what I need to {and_list(lost)}.")
    if note := _limit_note(situation).strip():
        parts.append(note.replace("so I take them all", "so these numbers are about all of them"))
    return done("\n\n".join(parts))


def _after_failure(situation: _Situation, run: Run) -> str:
    tasks = [] if situation.unseen else _tasks(situation)
    failed = [earlier for earlier in situation.turn.runs if not earlier.succeeded]
    failure = Failure(
        code=run.code,
        output=run.output,
        frames=situation.frames,
        sources=situation.request.sources,
        values=tuple(column for task in tasks for column in task.values),
        frame=next((task.frame.name for task in tasks if any(column.looks_numeric for column in task.values)), ""),
    )
    made = repair(failure) if len(failed) <= _MOST_REPAIRS else None
    error = inline(failure.error or (run.output.strip().splitlines() or ["no message"])[-1], 200)
    if made is None:
        return unmendable(error)
    if not made.code:
        return done(made.reason)
    return f"{made.reason}\n\n" + fenced(made.code)
