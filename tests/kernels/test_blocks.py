"""What becomes of blocks that are more than a piece of Python."""

import asyncio
import json
import os
import sys
from pathlib import Path

import psutil
import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.errors import UsageError
from autogen_jupyter.kernels import KernelCodeExecutor, other_languages
from autogen_jupyter.kernels.languages import changes_state_only, installs

from .conftest import Run

posix = pytest.mark.skipif(os.name != "posix", reason="shells")


@posix
async def test_a_shell_block_that_only_changes_directory_and_variables_changes_those_of_the_kernel(run: Run, folder: Path) -> None:
    (folder / "a folder").mkdir()
    assert (await run('cd "a folder"\nexport GREETING="good day"', "sh")).exit_code == 0
    assert (await run("pwd; echo $GREETING", "bash")).output == f"{folder / 'a folder'}\ngood day"
    assert (await run("import os; os.getcwd(), os.environ['GREETING']")).output == f"('{folder / 'a folder'}', 'good day')"
    await run("unset GREETING\ncd ..", "sh")
    assert (await run("pwd; echo [$GREETING]", "sh")).output == f"{folder}\n[]"


@posix
async def test_any_other_shell_block_leaves_directory_and_variables_alone(run: Run, folder: Path) -> None:
    (folder / "there").mkdir()
    await run("cd there && export SEEN=1\necho now in $PWD", "sh")
    assert (await run("pwd; echo [$SEEN]", "sh")).output == f"{folder}\n[]"


@posix
async def test_a_change_of_directory_that_fails_says_so(run: Run, folder: Path) -> None:
    result = await run("cd nowhere", "sh")
    assert result.exit_code != 0
    assert "nowhere" in result.output
    assert (await run("pwd", "sh")).output == str(folder)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("cd x", True),
        ("# go\nexport A=1\n. env/bin/activate", True),
        ("cd x; ls", False),
        ("cd x && ls", False),
        ("ls", False),
        ("", False),
    ],
)
def test_what_only_changes_state(script: str, expected: bool) -> None:
    assert changes_state_only(script) is expected


@pytest.mark.parametrize(
    ("language", "code", "expected"),
    [
        ("python", "%pip install seaborn", ["pip install seaborn"]),
        ("python", "import os\n!pip install -q seaborn", ["pip install -q seaborn"]),
        ("python", "pip install seaborn", ["pip install seaborn"]),
        ("sh", "cd x\nuv pip install seaborn", ["uv pip install seaborn"]),
        ("sh", "python3 -m pip uninstall -y seaborn", ["python3 -m pip uninstall -y seaborn"]),
        ("python", "print('pip install seaborn')", []),
        ("python", "text = '''\npip install seaborn\n'''", []),
        ("sh", "pip list", []),
    ],
)
def test_which_blocks_install_packages(language: str, code: str, expected: list[str]) -> None:
    assert installs(CodeBlock(language, code)) == expected


async def test_an_installation_is_announced(run: Run) -> None:
    result = await run("%pip install ./nothing-here.whl")
    assert result.output.startswith("[packages of the agent kernel's environment change: pip install ./nothing-here.whl]\n")


async def test_installations_can_be_forbidden(folder: Path) -> None:
    async with KernelCodeExecutor(cwd=folder, warm_up=(), allow_pip=False) as executor:
        result = await executor.execute_code_blocks([CodeBlock("sh", "touch made\npip install seaborn")])
    assert (result.exit_code, result.output) == (1, "not executed: packages must not be installed here (pip install seaborn)")
    assert not (folder / "made").exists()


ECHO = """
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

class Shouting(Kernel):
    implementation = implementation_version = banner = "shouting"
    language_info = {"name": "shout", "mimetype": "text/plain", "file_extension": ".txt"}

    def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False):
        self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": code.upper()})
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}

IPKernelApp.launch_instance(kernel_class=Shouting)
"""


@pytest.fixture
def shout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed Jupyter kernel for the language ``shout``."""
    spec = tmp_path / "kernels" / "loud"
    spec.mkdir(parents=True)
    (spec / "shout.py").write_text(ECHO)
    argv = [sys.executable, str(spec / "shout.py"), "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Loud", "language": "Shout"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setattr(other_languages, "KEPT", -1.0)


@pytest.mark.usefixtures("shout")
async def test_a_language_whose_kernel_is_installed_runs_there_beside_python(folder: Path) -> None:
    before = psutil.Process().children()
    async with KernelCodeExecutor(cwd=folder, warm_up=()) as executor:
        assert "shout" in executor.languages
        blocks = [CodeBlock("python", "print('one')"), CodeBlock("shout", "two"), CodeBlock("python", "print('three')")]
        result = await executor.execute_code_blocks(blocks)
    assert (result.exit_code, result.output) == (0, "one\nTWO\nthree")
    assert psutil.Process().children() == before


async def test_a_memory_limit_is_an_error_that_names_it_and_keeps_the_state(folder: Path) -> None:
    async with KernelCodeExecutor(cwd=folder, warm_up=(), memory_limit=1_500_000_000) as executor:
        result = await executor.execute_code_blocks([CodeBlock("python", "kept = 1\nx = bytearray(4_000_000_000)")])
        after = await executor.execute_code_blocks([CodeBlock("python", "kept")])
    assert (result.status, result.state_kept, after.output) == ("error", True, "1")
    assert result.output.endswith("[The kernel may hold 1.5 GB of data, and this needs more. State kept: variables are still there.]")


def test_a_memory_limit_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(UsageError, match="memory_limit=1000"):
        KernelCodeExecutor(memory_limit=1000)


async def test_the_code_of_a_chat_has_a_time_limit_of_its_own(folder: Path) -> None:
    async with KernelCodeExecutor(cwd=folder, warm_up=(), chat_timeout=2, timeout=60) as executor:
        slow, again = CodeBlock("python", "import time; time.sleep(30)"), CodeBlock("python", "1")
        first = await executor.execute_code_blocks([slow])
        second = await executor.execute_code_blocks([again])
        executor.start()
        third = await executor.execute_code_blocks([again])
    assert (first.status, first.exit_code, first.state_kept) == ("timeout", 124, True)
    assert second.output == "[Not executed: the 2 seconds for all code of this chat are used up.]"
    assert third.output == "1", "another chat"


async def test_what_is_dropped_is_in_a_file_that_the_reader_is_told(run: Run, folder: Path) -> None:
    result = await run("print('a' * 1_000_000 + 'b' * 3_000_000)")
    (file,) = (folder / ".agent-output").glob("*.txt")
    assert f"[3,000,001 characters of output dropped; the first 3.0 MB of them are in .agent-output/{file.name}]" in result.output
    assert file.read_text() == "b" * 3_000_000 + "\n"


async def test_files_of_dropped_output_are_bounded_in_size_and_number(run: Run, folder: Path) -> None:
    for _ in range(6):
        await run("print('x' * 60_000_000)")
    files = [*(folder / ".agent-output").glob("*.txt")]
    assert len(files) == 4
    assert max(file.stat().st_size for file in files) <= 25_000_000


@pytest.mark.parametrize(
    "code",
    [
        "print('x' * 200_000_000)",
        "for _ in range(200): print('x' * 1_000_000)",
        "import subprocess; subprocess.run(['head', '-c', '200000000', '/dev/zero'])",
        "for _ in range(10): display({'text/html': 'x' * 20_000_000}, raw=True)",
        "for _ in range(25): display({'text/html': 'x' * 8_000_000}, raw=True)",
    ],
    ids=["one print", "many prints", "a subprocess", "huge objects", "many objects"],
)
async def test_a_flood_of_200_megabytes_neither_hangs_nor_fills_the_notebooks_memory(run: Run, code: str) -> None:
    await run("print('x' * 2_000_000)")  # what a little of it costs once and for all
    before = psutil.Process().memory_info().rss
    result = await asyncio.wait_for(run(code), 60)
    assert psutil.Process().memory_info().rss - before < 50_000_000
    assert result.state_kept
    assert sum(len(json.dumps(output)) for output in result.outputs) < 45_000_000
    assert (await run("1")).output == "1"


async def test_a_widget_is_shown_as_text_because_it_lives_elsewhere(run: Run) -> None:
    result = await run("import ipywidgets; ipywidgets.IntSlider(value=3)")
    assert result.output == "[widget, shown as text] IntSlider(value=3)"
    assert result.outputs[0]["data"].keys() == {"text/plain"}


async def test_clear_output_waits_for_what_comes_next(run: Run) -> None:
    code = "from IPython.display import clear_output\nfor i in range(3):\n    clear_output(wait=True)\n    print(i)"
    assert (await run(code)).output == "2"


async def test_an_updated_display_replaces_the_earlier_one(run: Run) -> None:
    assert (await run("shown = display('first', display_id=True)\nprint('between')\nshown.update('second')")).output == "'second'\nbetween"
