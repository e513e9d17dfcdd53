"""A conversation as a plain notebook, which Jupyter renders with an engine of its own."""

from autogen_jupyter.notebook.as_notebook import as_notebook
from autogen_jupyter.session.transcript import Code, MessageEntry, RunEntry


def test_looking_at_what_a_model_wrote_fetches_nothing_and_runs_nothing() -> None:
    text = "See ![it](https://host/pixel.png) and [this](javascript:alert(1)).\n\n<script>1</script>\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    asked = MessageEntry("m1", "user", "assistant", "user", "Look")
    said = MessageEntry("m2", "assistant", "user", "assistant", text, model="gpt")
    notebook = as_notebook([("Look", [asked, said])], title="Chat")
    shown = notebook.cells[-1].source
    assert shown.startswith("**assistant:** See ")
    assert "![" not in shown
    assert "](javascript:" not in shown
    assert "<script" not in shown
    assert "| 1 | 2 |" in shown


def test_code_below_a_list_stands_once_too():
    said = MessageEntry(
        "m2", "assistant", "user", "assistant", "1. First:\n\n    ```python\n    print(1)\n    ```\n2. Then wait.", model="m"
    )
    ran = RunEntry("r1", "user", "m2", [Code("python", "print(1)")], state="ok", exit_code=0)
    notebook = as_notebook([("Go", [said, ran])], title="t")
    sources = [cell.source for cell in notebook.cells]
    assert [source for source in sources if "print(1)" in source] == ["print(1)"]
    assert any("Then wait" in source for source in sources)
