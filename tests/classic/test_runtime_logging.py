"""What runtime_logging writes down."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from autogen_jupyter import ConversableAgent, ScriptedModel, ToolCall, register_function
from autogen_jupyter.classic import runtime_logging
from autogen_jupyter.errors import UsageError

KEY = "sk-proj-0123456789abcdef"


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    yield
    runtime_logging.stop()


def chat_with_a_tool() -> None:
    script = [(ToolCall("c1", "add", '{"a": 1, "b": 2}'),), "It is 3. TERMINATE"]
    cathy = ConversableAgent("cathy", llm_config=ScriptedModel(script), human_input_mode="NEVER")
    joe = ConversableAgent("joe", human_input_mode="NEVER", is_termination_msg=lambda message: "TERMINATE" in (message["content"] or ""))

    def add(a: int, b: int) -> int:
        return a + b

    register_function(add, caller=cathy, executor=joe, description="add")
    joe.initiate_chat(cathy, message="Add 1 and 2.", silent=True)


def test_every_chat_becomes_rows_of_the_classics_tables(tmp_path: Path) -> None:
    path = tmp_path / "logs.db"
    session_id = runtime_logging.start(config={"dbname": str(path)})
    chat_with_a_tool()
    runtime_logging.stop()
    with closing(sqlite3.connect(path)) as rows:
        completions = rows.execute("SELECT session_id, source_name, model, response FROM chat_completions").fetchall()
        calls = rows.execute("SELECT source_name, function_name, args, returns FROM function_calls").fetchall()
        agents = {name for (name,) in rows.execute("SELECT name FROM agents")}
        events = [name for (name,) in rows.execute("SELECT event_name FROM events ORDER BY id")]
        versions = rows.execute("SELECT count(*) FROM version").fetchone()
    assert [row[:3] for row in completions] == [(session_id, "cathy", "scripted")] * 2
    assert json.loads(completions[1][3])["content"] == "It is 3. TERMINATE"
    assert calls == [("joe", "add", '{"a": 1, "b": 2}', "3")]
    assert agents == {"cathy", "joe"}
    assert (events[0], events[-1]) == ("chat_started", "chat_ended")
    assert versions == (1,)


def test_after_stop_nothing_is_written(tmp_path: Path) -> None:
    runtime_logging.start(config={"dbname": str(tmp_path / "logs.db")})
    runtime_logging.stop()
    chat_with_a_tool()
    with closing(sqlite3.connect(tmp_path / "logs.db")) as rows:
        assert rows.execute("SELECT count(*) FROM events").fetchone() == (0,)
    assert not runtime_logging.logging_enabled()


def test_a_file_gets_a_json_line_for_each_event(tmp_path: Path) -> None:
    runtime_logging.start(logger_type="file", config={"filename": str(tmp_path / "logs" / "runtime.log")})
    chat_with_a_tool()
    runtime_logging.stop()
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "logs" / "runtime.log").read_text().splitlines()]
    assert (kinds[0], kinds[-1]) == ("chat_started", "chat_ended")


def test_keys_are_not_written_and_others_cannot_read_it(tmp_path: Path) -> None:
    path = tmp_path / "logs.db"
    runtime_logging.start(config={"dbname": str(path)})
    agent = ConversableAgent("a", llm_config={"model": "m", "base_url": "http://127.0.0.1:1/v1", "api_key": KEY}, human_input_mode="NEVER")
    ConversableAgent("b", human_input_mode="NEVER").initiate_chat(agent, message="TERMINATE", silent=True)
    runtime_logging.stop()
    assert path.stat().st_size
    assert KEY.encode() not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_event_of_the_users_own_is_kept() -> None:
    runtime_logging.start(config={"dbname": ":memory:"})
    runtime_logging.log_event("me", "coffee", cups=2)
    connection = runtime_logging.get_connection()
    assert connection.execute("SELECT source_name, event_name, json_state FROM events").fetchall() == [("me", "coffee", '{"cups": 2}')]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"logger_type": "csv"}, "logger_type is 'csv'"),
        ({"logger": object()}, "a logger of your own is a function of an event"),
        ({"config": {"filename": "x"}}, "unknown key 'filename'"),
    ],
)
def test_what_it_cannot_do_is_an_error(options: dict, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        runtime_logging.start(**options)


def test_a_file_that_is_no_database_is_not_held_open(tmp_path: Path) -> None:
    path = tmp_path / "logs.db"
    path.write_text("not a database, " * 20)
    with pytest.raises(sqlite3.DatabaseError) as caught:
        runtime_logging.start(config={"dbname": str(path)})
    assert str(path) not in [file.path for file in psutil.Process().open_files()]  # though the traceback holds what was being made
    assert "not a database" in str(caught.value)
    assert not runtime_logging.logging_enabled()


def test_two_logs_at_once_are_refused() -> None:
    runtime_logging.start(config={"dbname": ":memory:"})
    with pytest.raises(UsageError, match="on already"):
        runtime_logging.start(config={"dbname": ":memory:"})


def test_chats_that_run_at_once_keep_their_answers_and_results_apart(tmp_path: Path) -> None:
    """Their agents may have the same names, and models the same identifiers for calls."""
    path = tmp_path / "logs.db"

    async def chat(number: int) -> None:
        script = [(ToolCall("call_1", "twice", f'{{"n": {number}}}'),), f"answer {number}"]
        assistant = ConversableAgent("assistant", llm_config=ScriptedModel(script, delay=0.02 * (4 - number)), human_input_mode="NEVER")
        user = ConversableAgent("user", human_input_mode="NEVER")

        async def twice(n: int) -> int:
            await asyncio.sleep(0.02 * (4 - n))
            return 2 * n

        register_function(twice, caller=assistant, executor=user, description="twice")
        await user.a_initiate_chat(assistant, message="go", max_turns=2, silent=True)

    async def all_at_once() -> None:
        await asyncio.gather(*(chat(number) for number in range(4)))

    runtime_logging.start(config={"dbname": str(path)})
    asyncio.run(all_at_once())
    runtime_logging.stop()
    with closing(sqlite3.connect(path)) as rows:
        calls = rows.execute("SELECT args, returns FROM function_calls").fetchall()
        completions = rows.execute("SELECT response, start_time FROM chat_completions").fetchall()
    assert {json.loads(args)["n"]: returns for args, returns in calls} == {number: str(2 * number) for number in range(4)}
    assert all(began for _, began in completions)
    said = sorted(json.loads(response)["content"] or "" for response, _ in completions)
    assert said == [""] * 4 + [f"answer {number}" for number in range(4)]
