"""What is said of a chat when it has ended is in its cell, too."""

from __future__ import annotations

from pathlib import Path

import pytest

from autogen_jupyter.kernels.provisioners.probe import probe

from ..headless import run_cells

CHAT = """
from autogen_jupyter import ConversableAgent
runs = ConversableAgent("runs", human_input_mode="NEVER", code_execution_config={})
writes = ConversableAgent("writes", human_input_mode="NEVER")
result = writes.initiate_chat(runs, message="```python\\nopen('out.csv', 'w').write('1')\\n```", max_turns=1)
"""


@pytest.mark.skipif(bool(probe().problem), reason="bubblewrap does not work here")
def test_the_files_of_a_chat_begun_in_python_are_named_in_its_cell(tmp_path: Path) -> None:
    notebook = run_cells(CHAT, folder=tmp_path)
    shown = notebook.cells[1].outputs[0]["data"]
    assert all("Files made: out.csv" in shown[kind] for kind in ("text/plain", "text/html", "text/markdown"))
    assert not (tmp_path / "out.csv").exists()
