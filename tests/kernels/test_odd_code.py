"""What code does that nobody would think of: every block ends, says what happened, and leaves nothing to the next one."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import psutil
import pytest

from autogen_jupyter import UserProxyAgent
from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.kernels import KernelCodeExecutor

from .conftest import Run

posix = pytest.mark.skipif(os.name != "posix", reason="file descriptors")


@pytest.mark.parametrize("half", ["\\udcff", "\\ud800"])
async def test_half_characters_are_shown_as_such(run: Run, half: str) -> None:
    assert (await run(f"print('a{half}b')")).output == "a\N{REPLACEMENT CHARACTER}b"
    result = await run(f"raise ValueError('{half}')")
    assert (result.status, result.output.splitlines()[-1]) == ("error", "ValueError: \N{REPLACEMENT CHARACTER}")


async def test_code_with_half_a_character_runs(run: Run) -> None:
    assert (await run("print('half \ud83d')")).output == "half ?"


@pytest.mark.parametrize(("name", "why"), [("x" * 300 + ".py", "File name too long"), ("a\0b.py", "null byte")])
async def test_a_file_name_that_is_none_is_told_and_the_chat_goes_on(run: Run, name: str, why: str) -> None:
    result = await run(f"# filename: {name}\n1 + 1")
    assert result.output.startswith("not saved: ")
    assert why in result.output.splitlines()[0]


async def test_a_block_is_saved_over_code_and_over_what_blocks_saved_and_over_nothing_else(run: Run, folder: Path) -> None:
    for name in ("measured.txt", "page.html", "settings.yaml", "query.sql"):
        (folder / name).write_text("somebody's")
        assert (await run(f"# filename: {name}\n1")).output.startswith("not saved: ")
        assert (folder / name).read_text() == "somebody's"
    for number in (1, 2):
        assert (await run(f"# filename: note.txt\n{number}")).output == str(number)
    assert (folder / "note.txt").read_text() == "# filename: note.txt\n2\n"


async def test_code_that_takes_our_helpers_away_fails_as_code(folder: Path) -> None:
    async with KernelCodeExecutor(cwd=folder, isolate="none", warm_up=()) as executor:
        await executor.execute_code_blocks([CodeBlock("python", "import sys; del sys.modules['_agent_kernel']")])
        result = await executor.execute_code_blocks([CodeBlock("python", "# filename: z.py\nprint(2)")])
        assert result.output.startswith("not saved: ")
        assert result.output.endswith("\n2")


@posix
async def test_where_the_working_directory_is_gone_code_runs_on(run: Run, folder: Path) -> None:
    await run("import os, tempfile\nwith tempfile.TemporaryDirectory() as there: os.chdir(there)")
    assert (await run("print('hello')")).output == "hello"
    await run(f"os.chdir({str(folder)!r})")


async def test_closed_streams_go_on(run: Run) -> None:
    assert (await run("import sys; sys.stdout.close(); sys.stderr.close(); print('on')")).output == "on"


@pytest.mark.parametrize(("code", "exit_code"), [("exit()", 0), ("quit()", 0), ("exit(3)", 3), ("quit('no')", 1)])
async def test_exit_and_quit_end_the_cell_and_not_the_kernel(run: Run, code: str, exit_code: int) -> None:
    result = await run(f"kept = 7\n{code}\nprint('after')")
    assert (result.exit_code, result.state_kept) == (exit_code, True)
    assert "after" not in result.output
    await asyncio.sleep(0.5)
    assert (await run("kept")).output == "7"


@posix
async def test_half_a_character_of_a_program_does_not_reach_the_next_cell(run: Run) -> None:
    assert (await run("import os\n_ = os.write(1, b'A\\xc3')")).output == "A\N{REPLACEMENT CHARACTER}"
    assert (await run("import subprocess\n_ = subprocess.run(['echo', 'hello'])")).output == "hello"


async def test_streams_that_were_replaced_are_put_back_and_that_is_said(run: Run) -> None:
    result = await run("import io, sys\nsys.stdout = io.StringIO()\nprint('lost')\n1 / 0")
    assert "they are back" in result.output
    assert (await run("print('seen')")).output == "seen"


@posix
async def test_what_programs_and_code_write_is_in_order(run: Run) -> None:
    code = "import subprocess\nfor n in range(20):\n    print('py', n)\n    subprocess.run(f'echo out {n}', shell=True)"
    assert (await run(code)).output.splitlines() == [line for n in range(20) for line in (f"py {n}", f"out {n}")]
    code = "import os\nfor n in range(200):\n    print('a', n)\n    _ = os.write(1, b'b %d\\n' % n)"
    assert (await run(code)).output.splitlines() == [line for n in range(200) for line in (f"a {n}", f"b {n}")]


async def test_an_error_of_forty_million_characters_is_told_in_short(run: Run) -> None:
    result = await run("raise ValueError('z' * 40_000_000)")
    assert result.status == "error"
    assert result.output.splitlines()[1] == "----> 1 raise ValueError('z' * 40_000_000)"
    assert sum(len(str(output)) for output in result.outputs) < 1_000_000


async def test_a_long_message_leaves_room_for_the_failing_line_and_the_kind_of_error(run: Run) -> None:
    lines = (await run("raise ValueError('\\n'.join(f'line {n}' for n in range(3000)))")).output.splitlines()
    assert (lines[0], lines[2], lines[-1]) == ("Cell In[" + lines[0].split("[")[1], "ValueError: line 0", "line 2999")


async def test_what_caused_an_error_and_what_was_noted_is_told(run: Run) -> None:
    await run("def load():\n    raise OSError('disk is broken')")
    output = (await run("try:\n    load()\nexcept OSError as error:\n    raise RuntimeError('not loaded') from error")).output
    assert "----> 2     raise OSError('disk is broken')\nOSError: disk is broken\nThe above exception was the direct cause" in output
    assert output.endswith("RuntimeError: not loaded")
    assert (await run("raise MemoryError")).output.endswith("\nMemoryError")
    assert (await run("e = ValueError('x')\ne.add_note('a hint')\nraise e")).output.endswith("ValueError: x\na hint")


async def test_an_update_of_what_an_earlier_run_showed_is_shown(run: Run) -> None:
    await run("handle = display('first', display_id='mine')")
    assert (await run("handle.update('second')")).output == "'second'"


async def test_a_script_that_fails_inside_of_a_magic_is_a_failure(run: Run, folder: Path) -> None:
    (folder / "script.py").write_text("1 / 0\n")
    result = await run("%run script.py")
    assert (result.exit_code, result.status) == (1, "error")


async def test_displayed_data_and_metadata_do_not_fill_the_notebooks_memory(run: Run) -> None:
    before = psutil.Process().memory_info().rss
    code = "from IPython.display import JSON\nfor _ in range(5):\n    display(JSON({'a': list(range(1_000_000))}))"
    result = await run(code)
    assert "[not shown, too big: application/json" in result.output
    await run("for _ in range(5):\n    display({'text/plain': 'm'}, raw=True, metadata={'k': 'x' * 20_000_000})")
    assert psutil.Process().memory_info().rss - before < 50_000_000
    assert (await run("display(JSON({'a': [1, 2]}))")).outputs[0]["data"]["application/json"] == {"a": [1, 2]}


async def test_a_block_in_a_language_without_a_kernel_is_answered(executor: KernelCodeExecutor) -> None:
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": executor})
    said = "```python\n1 + 1\n```\n```julia\nprintln(1)\n```"
    answer = await user.a_generate_reply([{"role": "user", "content": said}])
    assert answer == 'exitcode: 1 (execution failed)\nCode output: 2\nnot executed: no kernel for "julia" here'
    assert await user.a_generate_reply([{"role": "user", "content": "```json\n{}\n```"}]) in ("", None)


ENDLESS = "def f(n):\n    return f(n + 1)\nf(0)"


@pytest.mark.parametrize("before", ["", "import sys; sys.setrecursionlimit(100_000)\n"])
async def test_endless_recursion_is_told_briefly_and_at_once(folder: Path, before: str) -> None:
    async with KernelCodeExecutor(cwd=folder, isolate="none", warm_up=(), timeout=20) as executor:
        result = await executor.execute_code_blocks([CodeBlock("python", before + ENDLESS)])
        assert result.status == "error"
        assert result.output.splitlines()[-1] == "RecursionError: maximum recursion depth exceeded"
        traceback = result.outputs[-1]["traceback"]
        assert len(traceback) < 50
        assert " more calls ...]" in traceback[-2]


async def test_of_errors_without_end_the_last_ones_and_the_first_are_told(folder: Path) -> None:
    code = """def f(n):
    try:
        return f(n - 1) if n else 1 / 0
    except Exception as error:
        raise ValueError(n) from error
f(200)"""
    async with KernelCodeExecutor(cwd=folder, isolate="none", warm_up=(), timeout=20) as executor:
        result = await executor.execute_code_blocks([CodeBlock("python", code)])
    told = [line for line in result.output.splitlines() if "Error: " in line]
    assert told == ["ZeroDivisionError: division by zero", *(f"ValueError: {n}" for n in range(192, 201))]


async def test_an_error_that_cannot_be_looked_at_is_one_all_the_same(run: Run) -> None:
    result = await run("class Odd(Exception):\n    __cause__ = property(lambda self: 1 / 0)\nraise Odd('hello')")
    assert (result.status, "exception formatting exception" in result.output) == ("error", True)


@pytest.mark.skipif(not os.path.exists("/proc/self/io"), reason="the system does not tell who writes")
async def test_a_program_that_prints_on_after_its_cell_was_stopped_is_killed_and_no_other(folder: Path) -> None:
    code = """import subprocess, time
quiet = subprocess.Popen(['sleep', '600'], start_new_session=True)
loud = subprocess.Popen(['yes'], start_new_session=True)
while loud.poll() is None:
    try:
        time.sleep(1)
    except KeyboardInterrupt:
        pass"""
    async with KernelCodeExecutor(cwd=folder, isolate="none", warm_up=(), timeout=60) as executor:
        result = await executor.execute_code_blocks([CodeBlock("python", code)])
        assert "killed, because it went on: yes" in result.output
        after = await executor.execute_code_blocks([CodeBlock("python", "print(loud.poll(), quiet.poll())")])
        assert after.output == "-9 None"


async def test_what_was_left_out_of_one_error_is_not_said_of_the_next(run: Run) -> None:
    await run(ENDLESS)
    for code in ("1 +", "raise KeyboardInterrupt", "1 / 0"):
        assert "more calls" not in str((await run(code)).outputs)
