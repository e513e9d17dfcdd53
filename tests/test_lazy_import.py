"""Importing the package and loading the extension cost little: what is heavy waits for its first use."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"anywidget", "genai_prices", "matplotlib", "openai", "opentelemetry", "pandas"}

IMPORT = "import autogen_jupyter"
LOAD_EXTENSION = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "autogen_jupyter")
assert "autogen_jupyter" in shell.extension_manager.loaded
"""
LIST_MODULES = "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"


@pytest.mark.parametrize("code", [IMPORT, LOAD_EXTENSION], ids=["import", "load_ext"])
def test_nothing_heavy_is_imported(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code + LIST_MODULES], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "autogen_jupyter" in loaded
    assert not loaded & HEAVY
