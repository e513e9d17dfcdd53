"""A conversation as a plain notebook, which Jupyter renders with an engine of its own."""

from autogen_jupyter.notebook.as_notebook import as_notebook
from autogen_jupyter.session.transcript import MessageEntry


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
