"""The classic's ``code_utils``: finding code in text, and running a piece of it."""

from __future__ import annotations

import os
import re
import shutil
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ..code_blocks import PYTHON, SHELL, CodeBlock, extract_code_blocks, infer_language
from ..errors import UsageError
from ..kernels import KernelCodeExecutor
from ..messages import content_str
from ..portal import on_portal, run_sync

__all__ = [
    "CODE_BLOCK_PATTERN",
    "DEFAULT_MODEL",
    "DEFAULT_TIMEOUT",
    "FAST_MODEL",
    "PYTHON_VARIANTS",
    "TIMEOUT_MSG",
    "UNKNOWN",
    "a_execute_code",
    "check_can_use_docker_or_throw",
    "content_str",
    "create_virtual_env",
    "decide_use_docker",
    "execute_code",
    "extract_code",
    "get_powershell_command",
    "in_docker_container",
    "infer_lang",
    "is_docker_running",
    "silence_pip",
]

CODE_BLOCK_PATTERN = r"```[ \t]*(\w+)?[ \t]*\r?\n(.*?)\r?\n[ \t]*```"
"""The classic's pattern. ``extract_code`` reads fences as CommonMark does unless another pattern is given."""
DEFAULT_MODEL = "gpt-4"
"""As in the classic. Nothing in this package uses it: every model is named in ``llm_config``."""
FAST_MODEL = "gpt-3.5-turbo"
"""As in the classic; see ``DEFAULT_MODEL``."""
DEFAULT_TIMEOUT = 600
"""Seconds."""
PYTHON_VARIANTS = ["python", "Python", "py"]
TIMEOUT_MSG = "Timeout"
UNKNOWN = "unknown"

_INLINE = r"|`([^`]+)`"
infer_lang = infer_language


def extract_code(
    text: str | Sequence[Mapping[str, Any]], pattern: str = CODE_BLOCK_PATTERN, detect_single_line_code: bool = False
) -> list[tuple[str, str]]:
    """Return ``(language, code)`` for each code block; the whole text as ``"unknown"`` when there is none.

    Args:
        text: a message's content.
        pattern: a regular expression with groups for language and code, in place of Markdown's rules.
        detect_single_line_code: find code between single backticks too.

    Example:
        >>> extract_code("```python\\nprint(1)\\n```")
        [('python', 'print(1)')]
    """
    text = content_str(text)
    if detect_single_line_code:
        found = re.findall(CODE_BLOCK_PATTERN + _INLINE, text, flags=re.DOTALL)
        return [(language.strip() if block else "", (block or inline).strip()) for language, block, inline in found]
    if pattern != CODE_BLOCK_PATTERN:
        return re.findall(pattern, text, flags=re.DOTALL) or [(UNKNOWN, text)]
    return [(block.language, block.code) for block in extract_code_blocks(text)] or [(UNKNOWN, text)]


@on_portal
async def a_execute_code(
    code: str | None = None,
    timeout: float | None = None,
    filename: str | None = None,
    work_dir: str | os.PathLike[str] | None = None,
    use_docker: object = None,  # noqa: ARG001 - accepted, and explained
    lang: str = "python",
) -> tuple[int, str, None]:
    """Run code in a kernel of its own, which ends with it.

    Args:
        code: the code. Default: what is in the file.
        timeout: seconds; code that takes longer is stopped. Default: 600.
        filename: where to save it, in ``work_dir``; nothing is saved without a name.
        work_dir: where it runs. Default: here.
        use_docker: accepted; a kernel of its own is always used.
        lang: ``python`` or a shell.

    Returns:
        The exit code, what was printed (the error too), and None where the classic names a docker image.

    Raises:
        UsageError: there is nothing to run, or the language is not known.
    """
    folder = Path(work_dir or ".")
    if lang.lower() not in PYTHON | SHELL:
        raise UsageError(f"execute_code got lang={lang!r}; it runs {', '.join(sorted(PYTHON | SHELL))}.")
    code = _script(code, filename, folder)
    async with KernelCodeExecutor(timeout=timeout or DEFAULT_TIMEOUT, cwd=folder, warm_up=()) as executor:
        result = await executor.execute_code_blocks([CodeBlock(lang.lower(), code)])
    return result.exit_code, result.output, None


execute_code = run_sync(a_execute_code)


def _script(code: str | None, filename: str | None, folder: Path) -> str:
    if code is None and filename is None:
        raise UsageError("execute_code needs code, or the filename of a script in work_dir.")
    folder.mkdir(parents=True, exist_ok=True)
    if code is None:
        return (folder / str(filename)).read_text(encoding="utf-8")
    if filename is not None:
        (folder / filename).write_text(code, encoding="utf-8")
    return code


def create_virtual_env(dir_path: str | os.PathLike[str], **env_args: Any) -> SimpleNamespace:
    """Make a virtual environment and return what is known of it: ``bin_path``, ``env_exe``, ``env_name`` …

    Code runs there once a kernel of it is known: install ipykernel in it, run ``python -m ipykernel install --sys-prefix --name NAME``,
    and give that name to ``EmbeddedIPythonCodeExecutor(kernel_name=NAME)``.

    Args:
        dir_path: the folder to make.
        **env_args: for ``venv.EnvBuilder``. Default: ``with_pip=True``.
    """
    builder = venv.EnvBuilder(**(env_args or {"with_pip": True}))
    builder.create(dir_path)
    return builder.ensure_directories(dir_path)


_PIP = {"python": re.compile(r"^! ?pip install"), "shell": re.compile(r"^pip install")}
_SHELLS = frozenset({"bash", "shell", "sh", "pwsh", "powershell", "ps1"})


def silence_pip(code: str, lang: str) -> str:
    """Return code whose ``pip install`` lines say ``-qqq``.

    Example:
        >>> silence_pip("pip install pandas", "sh")
        'pip install -qqq pandas'
    """
    pip = _PIP.get("shell" if lang in _SHELLS else lang)
    if pip is None:
        return code
    return "\n".join(line if "-qqq" in line else pip.sub(r"\g<0> -qqq", line) for line in code.split("\n"))


def get_powershell_command() -> str:
    """Return the name of PowerShell's program here.

    Raises:
        UsageError: there is none.
    """
    found = next((name for name in ("powershell", "pwsh") if shutil.which(name)), None)
    if found is None:
        raise UsageError("There is neither powershell nor pwsh on the PATH. Install PowerShell, or write shell code as sh.")
    return found


def in_docker_container() -> bool:
    """Say whether this process runs in a docker container."""
    return os.path.exists("/.dockerenv")


_NO_DOCKER = (
    "No docker is used here: code runs in a Jupyter kernel of its own, which sees no keys. "
    "Leave use_docker out or set it to False; if code must be in a container, run Jupyter in one."
)


def is_docker_running() -> bool:
    """Raise a UsageError: whether docker runs changes nothing here, and an answer would make a script believe that it does."""
    raise UsageError(_NO_DOCKER)


def decide_use_docker(use_docker: bool | None) -> bool:
    """Return False: no docker is used.

    Raises:
        UsageError: docker is asked for.
    """
    if use_docker:
        raise UsageError(_NO_DOCKER)
    return False


def check_can_use_docker_or_throw(use_docker: bool | str | None) -> None:
    """Raise a UsageError if docker is asked for; the classic does so where docker does not run."""
    if use_docker:
        raise UsageError(_NO_DOCKER)
