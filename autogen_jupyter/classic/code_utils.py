"""The classic's ``code_utils``: finding code in text, and running a piece of it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
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
    "content_str",
    "execute_code",
    "extract_code",
    "infer_lang",
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
