import asyncio
import base64
import os
import sys
from pathlib import Path

import nbformat
import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.errors import KernelError, KernelStartError, UsageError
from autogen_jupyter.events import OutputChange
from autogen_jupyter.kernels import KernelCodeExecutor

from .conftest import Run


async def test_the_value_of_the_last_line_is_the_output(run: Run) -> None:
    result = await run("1 + 1")
    assert (result.exit_code, result.status, result.output, result.state_kept) == (0, "ok", "2", True)


async def test_variables_stay_from_block_to_block_and_from_run_to_run(executor: KernelCodeExecutor, run: Run) -> None:
    result = await executor.execute_code_blocks([CodeBlock("python", "kept = 6"), CodeBlock("py", "kept *= 7")])
    assert result.exit_code == 0
    assert (await run("kept")).output == "42"


async def test_the_notebooks_interpreter_runs_the_code(run: Run) -> None:
    assert (await run("import sys; print(sys.executable)")).output == sys.executable


def test_it_can_be_used_from_any_loop(executor: KernelCodeExecutor) -> None:
    for _ in range(2):
        assert asyncio.run(executor.execute_code_blocks([CodeBlock("python", "'hello'")])).output == "'hello'"


async def test_an_error_is_a_result_that_points_at_the_users_line(run: Run) -> None:
    result = await run("x = 1\n\nx / 0")
    assert (result.exit_code, result.status, result.state_kept) == (1, "error", True)
    assert result.output.splitlines()[-1] == "ZeroDivisionError: division by zero"
    assert "----> 3 x / 0" in result.output
    assert "\x1b" not in result.output


async def test_blocks_after_a_failing_one_do_not_run(executor: KernelCodeExecutor, run: Run) -> None:
    blocks = [CodeBlock("python", "print('one')"), CodeBlock("python", "1 / 0"), CodeBlock("python", "third = 3")]
    result = await executor.execute_code_blocks(blocks)
    assert result.output.startswith("one\n")
    assert result.exit_code == 1
    assert "NameError" in (await run("third")).output


async def test_the_first_block_after_an_error_runs(run: Run) -> None:
    await run("1 / 0")
    assert (await run("'still here'")).exit_code == 0


async def test_output_of_both_streams_arrives_in_order(run: Run) -> None:
    result = await run("import sys\nfor i in range(3):\n    print('out', i)\n    print('err', i, file=sys.stderr)")
    assert result.output.split("\n") == ["out 0", "err 0", "out 1", "err 1", "out 2", "err 2"]


async def test_outputs_are_valid_in_a_notebook(run: Run) -> None:
    result = await run("import sys; print('a'); print('b', file=sys.stderr); display(1); 1 / 0")
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.from_dict(dict(output)) for output in result.outputs])
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    assert [output["output_type"] for output in result.outputs] == ["stream", "stream", "display_data", "error"]


async def test_a_plot_is_a_picture_without_asking(run: Run) -> None:
    result = await run("import matplotlib.pyplot as plt\nplt.plot([1, 2, 3]);")
    (output,) = result.outputs
    assert base64.b64decode(output["data"]["image/png"]).startswith(b"\x89PNG")
    assert result.output.startswith("[image/png ")


async def test_a_table_reads_as_text(run: Run) -> None:
    result = await run("import pandas as pd\npd.DataFrame({'n': [1, 2]})")
    assert result.output == "   n\n0  1\n1  2"
    assert "text/html" in result.outputs[0]["data"]


async def test_outputs_stream_while_the_code_runs(executor: KernelCodeExecutor, folder: Path) -> None:
    (folder / "go").unlink(missing_ok=True)
    changes: list[tuple[int, OutputChange]] = []
    first = asyncio.Event()
    loop = asyncio.get_running_loop()

    def watch(block: int, change: OutputChange) -> None:
        changes.append((block, change))
        loop.call_soon_threadsafe(first.set)

    code = "import time, os\nprint('early', flush=True)\nwhile not os.path.exists('go'): time.sleep(.01)\nprint('late')"
    running = asyncio.create_task(executor.execute_code_blocks([CodeBlock("python", ""), CodeBlock("python", code)], watch))
    await asyncio.wait_for(first.wait(), 10)
    assert not running.done()
    assert changes == [(1, OutputChange("add", 0, {"output_type": "stream", "name": "stdout", "text": "early\n"}))]
    (folder / "go").touch()
    assert (await running).output == "early\nlate"


async def test_a_failing_watcher_is_told_to_the_caller_and_harms_nothing(run: Run) -> None:
    def watch(block: int, change: OutputChange) -> None:
        raise LookupError("no such view")

    with pytest.raises(LookupError, match="no such view"):
        await run("print(1)", on_output=watch)
    assert (await run("2")).output == "2"


async def test_output_of_subprocesses_is_neither_lost_nor_damaged(run: Run) -> None:
    for _ in range(10):
        result = await run("import subprocess\nr = subprocess.run(['printf', 'æøå%.0s', *map(str, range(2000))])")
        assert result.output == "æøå" * 2000


async def test_output_of_a_subprocess_given_our_stdout_arrives(run: Run) -> None:
    assert (await run("import subprocess, sys; r = subprocess.run(['echo', 'hi'], stdout=sys.stdout)")).output == "hi"


async def test_input_raises_at_once_when_nobody_can_be_asked(run: Run) -> None:
    assert "StdinNotImplementedError" in (await run("input('name? ')")).output


async def test_input_is_answered_and_the_time_for_it_is_not_counted(folder: Path) -> None:
    asked = []

    async def ask(prompt: str, password: bool) -> str:
        asked.append((prompt, password))
        await asyncio.sleep(1.0)  # a person who takes longer than the code may
        return "Ada"

    async with KernelCodeExecutor(cwd=folder, timeout=0.8, ask=ask, warm_up=()) as executor:
        code = "from getpass import getpass\ninput('name? ') + getpass('word: ')"
        result = await executor.execute_code_blocks([CodeBlock("python", code)])
    assert result.output == "'AdaAda'"
    assert asked == [("name? ", False), ("word: ", True)]


async def test_a_question_that_nobody_answers_is_the_end_of_input(folder: Path) -> None:
    async def ask(prompt: str, password: bool) -> str:
        raise LookupError("nobody")

    async with KernelCodeExecutor(cwd=folder, ask=ask, warm_up=()) as executor:
        assert "EOFError" in (await executor.execute_code_blocks([CodeBlock("python", "input()")])).output


@pytest.mark.parametrize(("code", "exit_code"), [("exit 0", 0), ("exit 3", 3), ("kill -9 $$", 137), ("nosuchcommand", 127)])
async def test_a_shell_block_has_its_real_exit_code(run: Run, code: str, exit_code: int) -> None:
    result = await run(code, "bash")
    assert (result.exit_code, result.status) == (exit_code, "error" if exit_code else "ok")


async def test_a_shell_block_runs_in_the_working_directory_with_both_streams(run: Run, folder: Path) -> None:
    result = await run("$ pwd\n$ echo oops >&2", "console")
    assert {output["name"] for output in result.outputs} == {"stdout", "stderr"}
    assert sorted(result.output.splitlines()) == sorted([str(folder), "oops"])


async def test_a_shell_block_finds_the_environments_own_programs(run: Run) -> None:
    assert (await run("command -v python", "sh")).output == os.path.join(os.path.dirname(sys.executable), "python")


async def test_a_shell_block_does_not_wait_for_input(run: Run) -> None:
    assert (await run('read x; echo "[$x]"', "sh")).output == "[]"


@pytest.mark.parametrize("language", ["python", "sh"])
async def test_a_lone_pip_install_uses_the_kernels_environment_and_reports_failure(run: Run, language: str) -> None:
    result = await run("pip install ./nothing-here.whl", language)
    assert result.exit_code == 1
    assert "nothing-here.whl" in result.output or "No module named pip" in result.output


async def test_a_language_without_a_kernel_is_refused_politely(executor: KernelCodeExecutor, run: Run) -> None:
    assert "r" not in executor.languages
    result = await run("x <- 1", "r")
    assert (result.exit_code, result.output) == (1, 'not executed: no kernel for "r" here')


@pytest.mark.parametrize(
    ("code", "exit_code"), [("import sys; sys.exit()", 0), ("raise SystemExit(4)", 4), ("import sys; sys.exit('bad')", 1)]
)
async def test_leaving_as_a_script_does_is_an_exit_code(run: Run, code: str, exit_code: int) -> None:
    await run("before = 1")
    assert (await run(code)).exit_code == exit_code
    assert (await run("before")).output == "1"


async def test_a_named_block_is_saved_and_run(run: Run, folder: Path) -> None:
    (folder / "tools/helper.py").unlink(missing_ok=True)
    result = await run("# filename: tools/helper.py\nprint('ran')")
    assert result.output == "ran"
    assert (folder / "tools/helper.py").read_text() == "# filename: tools/helper.py\nprint('ran')\n"


@pytest.mark.parametrize("name", ["../out.py", "/tmp/agent-was-here.py", "a/../../out.py", "link/out.py"])
async def test_a_named_block_is_never_saved_outside_the_working_directory(run: Run, folder: Path, name: str) -> None:
    if not (folder / "link").exists():
        (folder / "link").symlink_to(folder.parent)
    result = await run(f"# filename: {name}\nprint('ran')")
    assert result.output == f"not saved: {name} lies outside the working directory\nran"
    assert not (folder.parent / "out.py").exists()
    assert not os.path.lexists("/tmp/agent-was-here.py")  # noqa: ASYNC240


async def test_a_named_block_never_overwrites_data(run: Run, folder: Path) -> None:
    (folder / "data.csv").write_text("a,b\n")
    result = await run("# filename: data.csv\nprint('ran')")
    assert result.output == "not saved: data.csv exists and is not a file of code\nran"
    assert (folder / "data.csv").read_text() == "a,b\n"


@pytest.mark.parametrize(
    ("language", "name", "code"),
    [
        ("html", "pages/index.html", "<!-- filename: pages/index.html -->\n<p>Hello</p>"),
        ("css", "style.css", "/* filename: style.css */\np {}"),
        ("js", "a b.js", "// filename: a b.js\nalert(1)"),
    ],
)
async def test_a_page_that_names_its_file_is_saved_and_the_next_one_replaces_it(
    executor: KernelCodeExecutor, folder: Path, language: str, name: str, code: str
) -> None:
    (folder / name).unlink(missing_ok=True)
    blocks = [CodeBlock(language, code), CodeBlock(language, code + "\n"), CodeBlock("python", "print('after')")]
    result = await executor.execute_code_blocks(blocks)
    saved = f"Code saved to {folder / name}"
    assert (result.exit_code, result.output) == (0, f"{saved}\n{saved}\nafter")
    assert (folder / name).read_text() == code + "\n"


async def test_a_page_is_never_saved_over_data_or_outside_the_working_directory(run: Run, folder: Path) -> None:
    (folder / "data.csv").write_text("a,b\n")
    for name, why in (("../index.html", "lies outside the working directory"), ("data.csv", "exists and is not a file of code")):
        result = await run(f"<!-- filename: {name} -->", "html")
        assert (result.exit_code, result.output) == (1, f"SystemExit: not saved: {name} {why}")
    assert (folder / "data.csv").read_text() == "a,b\n"


async def test_a_page_without_a_name_is_not_code(executor: KernelCodeExecutor, run: Run) -> None:
    assert (await run("<p>Hello</p>", "html")).output == 'not executed: no kernel for "html" here'
    assert "html" not in executor.languages


async def test_the_users_history_is_not_written(folder: Path) -> None:
    env = {"IPYTHONDIR": str(folder / "ipython")}
    async with KernelCodeExecutor(cwd=folder, env=env, warm_up=()) as executor:
        await executor.execute_code_blocks([CodeBlock("python", "secret_plan = 1")])
    assert not [*folder.glob("**/history.sqlite")]  # noqa: ASYNC240


async def test_the_kernel_sees_no_keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "OAI_CONFIG_LIST", "DB_PASSWORD"):
        monkeypatch.setenv(name, "hush")
    async with KernelCodeExecutor(cwd=folder, env={"GIVEN": "yes"}, warm_up=()) as executor:
        result = await executor.execute_code_blocks(
            [CodeBlock("python", "import os\nprint(os.environ['GIVEN'], 'hush' in os.environ.values())")]
        )
    assert result.output == "yes False"


async def test_the_bootstrap_does_all_its_steps_here(executor: KernelCodeExecutor, run: Run) -> None:
    await run("")
    kernel = executor._keeper.kernel
    assert kernel is not None
    assert kernel.failed_steps == {}


async def test_the_kernel_keeps_no_copies_of_what_was_printed(run: Run) -> None:
    await run("print('x' * 100_000); display('y' * 100_000)")
    assert (await run("sum(len(str(o)) for o in getattr(get_ipython().history_manager, 'outputs', {}).values()) < 1000")).output == "True"


async def test_the_users_namespace_is_left_alone(run: Run) -> None:
    names = await run("sorted(name for name in globals() if name.startswith(('_agent', '_name', '_module', 'install', 'METER')))")
    assert names.output == "[]"


async def test_states_are_told(folder: Path) -> None:
    states: list[str] = []
    async with KernelCodeExecutor(cwd=folder, on_state=lambda state, detail: states.append(state), warm_up=()) as executor:
        executor.start()
        await executor.execute_code_blocks([CodeBlock("python", "1")])
        assert executor.state == "idle"
    assert states == ["starting", "idle", "busy", "idle", "closed"]


async def test_a_closed_executor_says_so() -> None:
    executor = KernelCodeExecutor()
    await executor.close()
    await executor.close()
    with pytest.raises(KernelError, match="closed"):
        await executor.execute_code_blocks([CodeBlock("python", "1")])


async def test_closing_tells_the_code_that_waits_for_the_kernel() -> None:
    executor = KernelCodeExecutor()
    waiting = asyncio.create_task(executor.execute_code_blocks([CodeBlock("python", "1")]))
    while executor.state != "starting":  # noqa: ASYNC110  # the state has no event of its own
        await asyncio.sleep(0.005)
    await executor.close()
    with pytest.raises(KernelError, match="closed"):
        await waiting


def test_a_timeout_that_leaves_no_time_is_refused() -> None:
    with pytest.raises(UsageError, match="timeout=0"):
        KernelCodeExecutor(timeout=0)


async def test_an_unknown_kernel_is_named_with_those_that_exist() -> None:
    async with KernelCodeExecutor(kernel_name="cobol") as executor:
        with pytest.raises(KernelStartError, match=r"no Jupyter kernel named 'cobol'.*python3"):
            await executor.execute_code_blocks([CodeBlock("cobol", "1")])


async def test_a_missing_working_directory_is_named(tmp_path: Path) -> None:
    async with KernelCodeExecutor(cwd=tmp_path / "gone") as executor:
        with pytest.raises(KernelStartError, match="gone"):
            await executor.execute_code_blocks([CodeBlock("python", "1")])
