import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.kernels.languages import cell_for, file_name, without_prompts


def test_python_runs_as_it_is() -> None:
    assert cell_for(CodeBlock("python", "%time x = 1")).code == "%time x = 1"


@pytest.mark.parametrize("language", ["python", "sh", "console"])
@pytest.mark.parametrize(
    "code",
    ["pip install pandas", "!pip install pandas", "$ pip install pandas", "# first\npython -m pip install pandas\n", "%pip install pandas"],
)
def test_a_lone_pip_install_goes_to_the_kernels_environment(language: str, code: str) -> None:
    cell = cell_for(CodeBlock(language, code))
    assert (cell.code, cell.has_exit_code) == ("%pip install pandas", True)


def test_several_pip_lines_stay_several() -> None:
    assert cell_for(CodeBlock("sh", "pip install a\npip3 install -U b")).code == "%pip install a\n%pip install -U b"


@pytest.mark.parametrize("code", ["pip install a && python x.py", "pip install a; rm b", "pip install a\nls", "pip install -r <(echo a)"])
def test_pip_in_a_larger_script_stays_a_script(code: str) -> None:
    assert "run_shell" in cell_for(CodeBlock("bash", code)).code


def test_a_script_reaches_the_shell_letter_by_letter() -> None:
    script = 'echo \'a \\ "b" {c} \U0001f600\'\n\techo "$HOME"'
    code = cell_for(CodeBlock("bash", script)).code
    compile(code, "cell", "exec")
    assert repr(script) in code


@pytest.mark.parametrize(
    ("script", "is_console", "commands"),
    [
        ("ls\npwd", False, "ls\npwd"),
        ("$ ls\n$ pwd", False, "ls\npwd"),
        ("$ ls\na.txt\n$ cat <<E\n> text\n> E", True, "ls\ncat <<E\ntext\nE"),
        ("$ ls \\\n  -l", False, "ls \\\n  -l"),
        ("# list\n$ ls", False, "# list\nls"),
        ("echo '$ not a prompt'", True, "echo '$ not a prompt'"),
    ],
)
def test_prompts_are_taken_away(script: str, is_console: bool, commands: str) -> None:
    assert without_prompts(script, is_console=is_console) == commands


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("# filename: plot.py\nprint(1)", "plot.py"),
        ("\n# filename: a b.py", "a b.py"),
        ("# filename: plot.py  \n", "plot.py"),
        ("// filename: a.js", "a.js"),
        ("/* filename: a b.css */\np {}", "a b.css"),
        ("<!-- filename: index.html -->\n<p>", "index.html"),
        ("<!-- index.html -->", None),
        ("#filename: plot.py", None),
        ("# filename plot.py", None),
        ("# Filename: plot.py", None),
        (" # filename: plot.py", None),
        ("# filename: ", None),
        ("print(1)\n# filename: plot.py", None),
        ("# the filename: plot.py", None),
    ],
)
def test_only_the_exact_first_line_names_a_file(code: str, name: str | None) -> None:
    assert file_name(code) == name
