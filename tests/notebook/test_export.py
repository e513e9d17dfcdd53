from __future__ import annotations

import base64
from pathlib import Path

import pytest

from autogen_jupyter.errors import UsageError
from autogen_jupyter.notebook.export import export_chat
from autogen_jupyter.session.transcript import RunEntry, Status
from tests.session.sample import PNG

SVG = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def plotted(**data: str) -> RunEntry:
    outputs = [{"output_type": "display_data", "data": {mime.replace("_", "/"): text}, "metadata": {}} for mime, text in data.items()]
    return RunEntry("r1", "user", "m1", [], state="ok", exit_code=0, outputs=outputs)


def test_a_chat_written_as_markdown_has_its_plots_in_a_folder_beside_it(tmp_path: Path):
    path = tmp_path / "my report.md"
    export_chat([("Plot", [plotted(image_png=PNG)], Status()), ("Again", [plotted(image_png=PNG)], Status())], title="t", path=path)
    text = path.read_text()
    assert "![plot](my%20report_files/plot-1.png)" in text
    assert "![plot](my%20report_files/plot-2.png)" in text
    plots = sorted((tmp_path / "my report_files").iterdir())
    assert [plot.read_bytes() for plot in plots] == [base64.b64decode(PNG)] * 2
    assert all(plot.stat().st_mode & 0o077 == 0 for plot in [path, path.with_name("my report_files"), *plots])


def test_a_drawing_that_may_hold_scripts_is_no_file(tmp_path: Path):
    export_chat([("Draw", [plotted(**{"image_svg+xml": SVG})], Status())], title="t", path=tmp_path / "r.md")
    assert "*[plot]*" in (tmp_path / "r.md").read_text()
    assert [one.name for one in tmp_path.iterdir()] == ["r.md"]


def test_plots_that_cannot_be_written_are_an_error_that_names_the_folder(tmp_path: Path):
    (tmp_path / "r_files").write_text("in the way")
    with pytest.raises(UsageError, match="r_files cannot be made"):
        export_chat([("Plot", [plotted(image_png=PNG)], Status())], title="t", path=tmp_path / "r.md")
