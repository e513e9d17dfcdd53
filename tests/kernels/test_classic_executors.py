"""The classic's executors keep their signatures, and run code in the agent kernel."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autogen_jupyter import ConversableAgent, UserProxyAgent
from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.errors import UsageError
from autogen_jupyter.kernels.classic_executors import (
    CodeResult,
    EmbeddedIPythonCodeExecutor,
    JupyterCodeExecutor,
    LocalCommandLineCodeExecutor,
    LocalJupyterServer,
    MarkdownCodeExtractor,
)

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCommandLineCodeExecutor]:
    with LocalCommandLineCodeExecutor(timeout=20, work_dir=tmp_path_factory.mktemp("made") / "coding") as executor:
        yield executor


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterCodeExecutor]:
    with LocalJupyterServer() as server, JupyterCodeExecutor(server, output_dir=tmp_path_factory.mktemp("pictures")) as executor:
        yield executor


def test_blocks_run_in_order_and_keep_their_state(local: LocalCommandLineCodeExecutor) -> None:
    blocks = [CodeBlock(code="x = 20", language="python"), CodeBlock(code="echo shell", language="sh"), CodeBlock("Python", "print(x + 1)")]
    result = local.execute_code_blocks(blocks)
    assert (result.exit_code, result.output.split(), result.code_file) == (0, ["shell", "21"], None)


def test_the_first_failing_block_ends_it_and_what_came_before_is_kept(local: LocalCommandLineCodeExecutor) -> None:
    result = local.execute_code_blocks(
        [CodeBlock("python", "print('before')"), CodeBlock("python", "1/0"), CodeBlock("python", "print('x')")]
    )
    assert result.exit_code == 1
    assert result.output.startswith("before")
    assert "ZeroDivisionError" in result.output


def test_a_block_that_names_its_file_is_saved_in_the_work_dir(local: LocalCommandLineCodeExecutor) -> None:
    result = local.execute_code_blocks([CodeBlock("python", "# filename: sums.py\nprint(1)")])
    assert result.code_file == str(local.work_dir / "sums.py")
    assert Path(result.code_file).read_text().startswith("# filename: sums.py")


PAGE = "<!-- filename: site/index.html -->\n<p>Hello</p>"


@pytest.mark.parametrize(
    ("language", "code", "name"),
    [
        ("HTML", PAGE, "site/index.html"),
        ("css", "/* filename: style.css */\np {}", "style.css"),
        ("javascript", "// filename: a b.js\nalert(1)", "a b.js"),
        ("html", "<p>no name</p>", "tmp_code_2856f5c68953e342eff065d2f12e873d.html"),
        ("js", "alert(2)", "tmp_code_47c955be46b54b17ebff069bb33abf77.js"),
    ],
)
def test_what_nothing_runs_is_saved(local: LocalCommandLineCodeExecutor, language: str, code: str, name: str) -> None:
    path = local.work_dir / name
    result = local.execute_code_blocks([CodeBlock(language, code), CodeBlock("python", "print('after')")])
    assert (result.exit_code, result.output, result.code_file) == (0, f"Code saved to {path}\nafter", str(path))
    assert path.read_text().rstrip("\n") == code


def test_what_is_saved_stays_in_the_work_dir_and_never_overwrites_data(local: LocalCommandLineCodeExecutor) -> None:
    (local.work_dir / "data.csv").write_text("a,b\n")
    for name, why in (("../index.html", "lies outside the working directory"), ("data.csv", "exists and is not a file of code")):
        result = local.execute_code_blocks([CodeBlock("html", f"<!-- filename: {name} -->"), CodeBlock("python", "print('after')")])
        assert (result.exit_code, result.output) == (1, f"SystemExit: not saved: {name} {why}")
    assert (local.work_dir / "data.csv").read_text() == "a,b\n"
    assert not (local.work_dir.parent / "index.html").exists()


def test_the_jupyter_executors_save_pages_that_name_their_file(jupyter: JupyterCodeExecutor) -> None:
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": jupyter}, default_auto_reply="nothing run")
    reply = user.generate_reply([{"role": "user", "content": f"```html\n{PAGE}\n```"}])
    assert re.fullmatch(r"exitcode: 0 \(execution succeeded\)\nCode output: Code saved to .*/site/index\.html", str(reply))
    assert user.generate_reply([{"role": "user", "content": "```html\n<p>\n```"}]) == "nothing run"


def test_an_agent_saves_a_page_and_says_where(local: LocalCommandLineCodeExecutor) -> None:
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": local})
    reply = user.generate_reply([{"role": "user", "content": f"```html\n{PAGE}\n```"}])
    assert reply == f"exitcode: 0 (execution succeeded)\nCode output: Code saved to {local.work_dir}/site/index.html"


def test_javascript_is_run_where_a_kernel_for_it_is_installed(local: LocalCommandLineCodeExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autogen_jupyter.kernels.executor.spoken_names", lambda: frozenset({"javascript", "js"}))
    result = local.execute_code_blocks([CodeBlock("js", "alert(1)")])
    assert (result.exit_code, result.output) == (1, 'not executed: no kernel for "js" here')  # it was to be run


def test_a_policy_has_a_language_saved_and_not_run(tmp_path: Path) -> None:
    blocks = [CodeBlock("py", "# filename: never.py\nopen('ran', 'w')"), CodeBlock("sh", "touch ran"), CodeBlock("console", "$ touch ran")]
    with LocalCommandLineCodeExecutor(work_dir=tmp_path, execution_policies={"python": False, "sh": False}) as executor:
        result = executor.execute_code_blocks(blocks)
        assert (result.exit_code, result.code_file) == (0, str(tmp_path / "never.py"))
        assert executor.execute_code_blocks([CodeBlock("bash", "echo run")]).output == "run"
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".console", ".py", ".sh"]


def test_restart_forgets_the_state(local: LocalCommandLineCodeExecutor) -> None:
    local.execute_code_blocks([CodeBlock("python", "kept = 1")])
    local.restart()
    assert "NameError" in local.execute_code_blocks([CodeBlock("python", "kept")]).output


def test_pictures_are_saved_where_an_output_dir_is_given(jupyter: JupyterCodeExecutor) -> None:
    code = f"from IPython.display import display\ndisplay({{'image/png': {DOT!r}}}, raw=True)"
    result = jupyter.execute_code_blocks([CodeBlock("python", code)])
    [path] = result.output_files
    assert Path(path).read_bytes() == base64.b64decode(DOT)
    assert f"Image data saved to {path}" in result.output


def test_html_is_saved_where_an_output_dir_is_given(jupyter: JupyterCodeExecutor) -> None:
    html = "<table><tr><td>ü \\ud800</td></tr></table>"
    code = f"from IPython.display import display\ndisplay({{'text/html': '{html}', 'text/plain': 'plain', 'image/png': {DOT!r}}}, raw=True)"
    result = jupyter.execute_code_blocks([CodeBlock("python", code), CodeBlock("python", "print('after')")])
    picture, page = map(Path, result.output_files)
    assert (picture.suffix, page.suffix, page.parent) == (".png", ".html", jupyter.output_dir)
    assert "<td>ü" in page.read_text(encoding="utf-8")
    assert result.output.endswith(f"after\nImage data saved to {picture}\nHTML data saved to {page}")


def test_what_is_no_picture_is_not_saved(jupyter: JupyterCodeExecutor) -> None:
    shown = ({"image/png": "x"}, {"text/html": 3}, {"image/png": [1, 2]}, {"text/html": ["<p>", None]})
    code = "\n".join(["from IPython.display import display", *(f"display({data}, raw=True)" for data in shown)])
    result = jupyter.execute_code_blocks([CodeBlock("python", code)])
    assert (result.exit_code, result.output_files) == (0, [])


def test_an_executor_tells_how_it_was_made(tmp_path: Path) -> None:
    executor = EmbeddedIPythonCodeExecutor(5, "python3", tmp_path)
    assert (executor.timeout, executor.kernel_name, executor.output_dir) == (5, "python3", tmp_path)
    assert EmbeddedIPythonCodeExecutor().output_dir is None
    assert "html" in LocalCommandLineCodeExecutor.SUPPORTED_LANGUAGES


def test_no_files_are_written_unless_a_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = f"from IPython.display import display\ndisplay({{'image/png': {DOT!r}}}, raw=True)"
    with EmbeddedIPythonCodeExecutor() as executor:
        assert executor.execute_code_blocks([CodeBlock("python", code)]).output_files == []
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: LocalCommandLineCodeExecutor(virtual_env_context=object()), "cannot enter a virtual_env_context"),
        (lambda: LocalCommandLineCodeExecutor(functions=[len]), r"functions \(len\)\. Give them to the agents as tools"),
        (lambda: LocalCommandLineCodeExecutor(timeout=0), "timeout=0 leaves code no time"),
        (lambda: LocalCommandLineCodeExecutor(work_dir=__file__), r"test_classic_executors\.py' cannot be made: File exists"),
        (lambda: JupyterCodeExecutor(object()), "kernels are started on this machine only"),
        (
            lambda: UserProxyAgent("u", code_execution_config={"executor": "docker"}),
            "The executor is 'docker'; known names are command",
        ),
        (
            lambda: UserProxyAgent("u", code_execution_config={"executor": "commandline-local", "commandline-local": {"speed": 1}}),
            "'commandline-local'.*speed",
        ),
    ],
)
def test_what_is_not_possible_here_says_what_to_do(make: Callable[[], Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        make()


def test_the_extractor_finds_blocks_in_text_and_in_parts() -> None:
    found = [CodeBlock("python", "1")]
    assert MarkdownCodeExtractor().extract_code_blocks("```python\n1\n```") == found
    assert MarkdownCodeExtractor().extract_code_blocks([{"type": "text", "text": "```python\n1\n```"}]) == found


def test_an_agent_runs_code_with_it(local: LocalCommandLineCodeExecutor) -> None:
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": local})
    assert user.code_executor is local
    reply = user.generate_reply([{"role": "user", "content": "```python\nprint(6 * 7)\n```"}])
    assert reply == "exitcode: 0 (execution succeeded)\nCode output: 42"


def test_the_work_dir_of_the_dictionary_form_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"work_dir": "coding/today", "use_docker": False})
    reply = user.generate_reply([{"role": "user", "content": "```python\nprint(open('made.txt', 'w').write('made'))\n```"}])
    assert reply == "exitcode: 0 (execution succeeded)\nCode output: 4"
    assert (tmp_path / "coding" / "today" / "made.txt").read_text() == "made"


def test_a_work_dir_on_a_server_is_not_made_here(tmp_path: Path) -> None:
    config = {"work_dir": tmp_path / "there", "server": "http://127.0.0.1:1"}
    UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=config)
    assert not list(tmp_path.iterdir())


def test_the_factory_knows_the_classic_names(tmp_path: Path) -> None:
    config = {"executor": "commandline-local", "commandline-local": {"timeout": 20, "work_dir": tmp_path}}
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=config)
    executor = user.code_executor
    assert isinstance(executor, LocalCommandLineCodeExecutor)
    reply = user.generate_reply([{"role": "user", "content": "```python\nimport os; print(os.getcwd())\n```"}])
    assert str(tmp_path) in reply
    executor.stop()


def test_an_executor_of_the_users_own_blocks_as_the_classics_do() -> None:
    class Dry:
        def execute_code_blocks(self, code_blocks: list[CodeBlock]) -> CodeResult:
            return CodeResult(exit_code=3, output=f"not run: {code_blocks[0].code}")

    agent = ConversableAgent("agent", human_input_mode="NEVER", code_execution_config={"executor": Dry()})
    reply = agent.generate_reply([{"role": "user", "content": "```python\n1\n```"}])
    assert reply == "exitcode: 3 (execution failed)\nCode output: not run: 1"
    assert isinstance(agent.code_executor, Dry)
