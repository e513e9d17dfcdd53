"""The classic's helpers for code in text."""

from __future__ import annotations

from pathlib import Path

import pytest

from autogen_jupyter.classic.code_utils import (
    UNKNOWN,
    check_can_use_docker_or_throw,
    content_str,
    create_virtual_env,
    decide_use_docker,
    execute_code,
    extract_code,
    in_docker_container,
    infer_lang,
    is_docker_running,
    silence_pip,
)
from autogen_jupyter.errors import UsageError


def test_blocks_are_pairs_of_language_and_code() -> None:
    assert extract_code("a\n```python\nx = 1\n```\n```sh\nls\n```") == [("python", "x = 1"), ("sh", "ls")]


def test_text_without_a_block_is_code_of_an_unknown_language() -> None:
    assert extract_code("x = 1") == [(UNKNOWN, "x = 1")]


def test_fences_that_the_classic_misses_are_found() -> None:
    assert extract_code("~~~python\nx = 1\n~~~") == [("python", "x = 1")]


def test_code_within_a_line_is_found_on_request() -> None:
    assert extract_code("Run `ls -l` now.", detect_single_line_code=True) == [("", "ls -l")]


def test_a_pattern_of_the_users_own_is_used() -> None:
    assert extract_code("<py>1</py>", pattern=r"<(\w+)>(.*?)</\w+>") == [("py", "1")]


@pytest.mark.parametrize(("code", "language"), [("pip install x", "sh"), ("x = 1", "python"), ("select * from t", UNKNOWN)])
def test_the_language_of_code_is_guessed(code: str, language: str) -> None:
    assert infer_lang(code) == language


def test_content_of_several_parts_becomes_one_text() -> None:
    parts = [{"type": "text", "text": "see "}, {"type": "image_url", "image_url": {"url": "data:"}}]
    assert content_str(parts) == "see <image>"


def test_code_runs_and_its_file_is_kept(tmp_path: Path) -> None:
    done = execute_code("import sys\nprint('out')\nprint('warned', file=sys.stderr)", filename="run.py", work_dir=tmp_path)
    assert (done[0], done[1].split(), done[2]) == (0, ["out", "warned"], None)
    assert execute_code(filename="run.py", work_dir=tmp_path)[0] == 0


def test_code_that_takes_too_long_is_stopped_and_what_it_printed_is_kept() -> None:
    exit_code, logs, _ = execute_code("print('begun', flush=True)\nimport time; time.sleep(600)", timeout=2)
    assert exit_code == 124
    assert logs.startswith("begun")


def test_a_language_that_nothing_runs_is_an_error() -> None:
    with pytest.raises(UsageError, match="lang='cobol'"):
        execute_code("DISPLAY 1", lang="cobol")


def test_nothing_to_run_is_an_error() -> None:
    with pytest.raises(UsageError, match="needs code"):
        execute_code()


def test_an_environment_is_made_and_told(tmp_path: Path) -> None:
    context = create_virtual_env(tmp_path / "env", with_pip=False)
    assert Path(context.env_exe).exists()


@pytest.mark.parametrize(
    ("code", "lang", "silent"),
    [
        ("pip install a\nls", "sh", "pip install -qqq a\nls"),
        ("! pip install a\n!pip install b", "python", "! pip install -qqq a\n!pip install -qqq b"),
        ("pip install -qqq a", "bash", "pip install -qqq a"),
        ("pip install a", "python", "pip install a"),
        ("pip install a", "sql", "pip install a"),
    ],
)
def test_pip_is_silenced(code: str, lang: str, silent: str) -> None:
    assert silence_pip(code, lang) == silent


def test_who_asks_for_docker_is_told_what_there_is() -> None:
    assert decide_use_docker(None) is False
    check_can_use_docker_or_throw(False)
    for ask in (is_docker_running, lambda: decide_use_docker(True), lambda: check_can_use_docker_or_throw(True)):
        with pytest.raises(UsageError, match=r"kernel of its own.*use_docker"):
            ask()
    assert in_docker_container() is Path("/.dockerenv").exists()
