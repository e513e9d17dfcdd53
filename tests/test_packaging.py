"""What an installed copy leaves where Jupyter looks, and that nothing of it stays."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXTENSION = Path("share/jupyter/labextensions/autogen-jupyter")
pytestmark = pytest.mark.skipif(not (ROOT / "pyproject.toml").is_file(), reason="needs a clone")


def run(*command: object, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command], env=os.environ | environment, capture_output=True, text=True, check=False, timeout=250
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with JupyterLab in it, by way of this one's packages, and without Node.js on its path."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, with_pip=False)
    site = run(folder / "bin" / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    own = [path for path in sys.path if "site-packages" in path]
    (Path(site) / "borrowed.pth").write_text("\n".join(own))
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", ROOT, "--no-deps", "--no-build-isolation", "-w", out)
    (made,) = out.glob("*.whl")
    return made


def listed(home: Path) -> list[str]:
    places = {"JUPYTER_PATH": "", "JUPYTER_DATA_DIR": str(home.parent / "data"), "JUPYTER_CONFIG_DIR": str(home.parent / "config")}
    main = "import sys; from jupyterlab.labextensions import main; sys.argv[0] = 'jupyter-labextension'; main()"
    text = run(home / "bin" / "python", "-c", main, "list", PATH=str(home / "bin"), **places)
    return [line.strip() for line in text.splitlines() if "autogen-jupyter" in line]


def files(home: Path) -> set[Path]:
    return {path.relative_to(home) for path in home.rglob("*") if path.is_file() and "__pycache__" not in path.parts}


@pytest.mark.skipif(os.name == "nt", reason="the folders of an environment are named otherwise")
def test_a_wheel_brings_the_plugin_and_takes_it_away(home: Path, wheel: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", home / "bin" / "python"]
    before = files(home)
    run(*pip, "install", "--no-deps", "--no-index", "--ignore-installed", wheel)
    (line,) = listed(home)
    assert "enabled" in line
    assert "OK" in line
    assert {path.name for path in (home / EXTENSION).iterdir()} == {"install.json", "package.json", "schemas", "static"}
    run(*pip, "uninstall", "-y", "autogen_jupyter")
    assert files(home) - before == set()
    assert not (home / EXTENSION).exists()


def test_the_front_end_is_small(wheel: Path) -> None:
    """What a browser loads: the plugin with all its chunks, and the chat view, compressed."""
    import gzip
    import zipfile

    with zipfile.ZipFile(wheel) as archive:
        sizes = {
            name: len(gzip.compress(archive.read(name)))
            for name in archive.namelist()
            if name.endswith((".js", ".css")) and ("/labextensions/" in name or "/notebook/static/" in name)
        }
    assert sizes
    assert sum(sizes.values()) < 350_000
    assert sum(size for name, size in sizes.items() if "/static/plugin." in name or "remoteEntry" in name) < 25_000
