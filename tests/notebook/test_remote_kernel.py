"""``--kernel`` from a cell: the code of a chat runs on a real Jupyter server."""

from __future__ import annotations

from pathlib import Path

from ..headless import error_of, run_cells, text_of
from ..kernels.jupyter_servers import jupyter_server, kernels_on

ASK = "How do body mass and flipper length differ between species in data/penguins.csv? Plot it."
DATA = Path(__file__).parents[2] / "notebooks" / "data"


def test_a_configured_server_runs_the_code_and_keeps_no_kernel_when_the_notebook_ends(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    (there / "data").mkdir(parents=True)
    (there / "data" / "penguins.csv").write_bytes((DATA / "penguins.csv").read_bytes())
    with jupyter_server("jupyter-server", there) as server:
        (here / "token").write_text(server.token)
        servers = {"big": {"url": server.url, "token_file": str(here / "token")}}
        notebook = run_cells(
            f"%config AgentChat.kernel_servers = {servers!r}",
            f"%%agentchat --kernel big --approve never\n{ASK}",
            "print(_.stop_reason)\nprint(_.summary)",
            folder=here,
        )
        chat, result = notebook.cells[2:]
        assert "assistant has answered" in text_of(result)
        assert "3,700.7" in text_of(result)  # the file is on the server only
        assert "data:image/png;base64," in chat.outputs[0].data["text/html"]
        assert server.token not in str(notebook)
        assert kernels_on(server) == []


def test_a_token_on_the_magic_line_is_refused_with_the_remedy(tmp_path):
    notebook = run_cells("%%agentchat --kernel http://127.0.0.1:1/?token=secret-1 --approve never\nHello", folder=tmp_path)
    said = error_of(notebook.cells[1])
    assert "token_file" in said
    assert "AgentChat.kernel_servers" in said
    assert "secret-1" not in said
