"""Trees as hostile code makes them."""

import os
import sys
from pathlib import Path

import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.kernels import KernelCodeExecutor
from autogen_jupyter.kernels.tree import disk_use, entries, remove

from .test_escapes import isolates, layers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at what kernels in a sandbox leave")
DEEPER = 1_200
"""Folders in each other: more than Python recurses, and with names of five letters a longer path than Linux takes."""
_DIG = f"import os\nfor _ in range({DEEPER}): os.mkdir('below'); os.chdir('below')\nopen('last', 'w').write('x' * 10_000)"


@pytest.fixture
def deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    exec(_DIG, {})
    return tmp_path


def test_a_tree_is_seen_and_removed_however_deep_it_is(deep: Path) -> None:
    assert max((len(folders), entry.name) for folders, entry in entries(deep)) == (DEEPER, "last")
    assert disk_use(str(deep)) >= 10_000
    os.chdir("/")
    remove(deep)
    assert not deep.exists()


def test_links_are_not_followed(tmp_path: Path) -> None:
    kept, tree = tmp_path / "kept", tmp_path / "tree"
    kept.mkdir()
    (kept / "file").touch()
    (tree / "inner").mkdir(parents=True)
    (tree / "inner" / "link").symlink_to(kept)
    assert [entry.name for _, entry in entries(tree)] == ["inner", "link"]
    remove(tree)
    remove(tmp_path / "not there")
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["kept", "file"]
    (tmp_path / "link").symlink_to(kept)
    remove(tmp_path / "link")
    assert [path.name for path in sorted(tmp_path.rglob("*"))] == ["kept", "file"]


def test_folders_without_rights_hide_nothing(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "a" / "b").mkdir(parents=True)
    (tree / "a" / "b" / "file").touch()
    for hidden in (tree / "a" / "b", tree / "a"):
        hidden.chmod(0o000)
    assert [entry.name for _, entry in entries(tree)] == ["a", "b", "file"]
    remove(tree)
    assert not tree.exists()


def test_a_folder_that_is_moved_meanwhile_leads_neither_out_nor_past_the_others(tmp_path: Path) -> None:
    tree, elsewhere = tmp_path / "tree", tmp_path / "elsewhere"
    for number in range(3):
        (tree / "outer" / f"{number}" / "inner").mkdir(parents=True)
    (elsewhere / "secret").mkdir(parents=True)
    seen: list[str] = []
    for folders, entry in entries(tree):
        seen.append(entry.name)
        if entry.name == "inner" and not (elsewhere / "moved").exists():
            (tree / "outer" / folders[-1]).rename(elsewhere / "moved")
    assert sorted(seen) == ["0", "1", "2", "inner", "inner", "inner", "outer"]


@isolates
@layers
async def test_a_deep_tree_is_listed_and_goes_with_the_executor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    executor = KernelCodeExecutor(isolate="bubblewrap", warm_up=())
    assert (await executor.execute_code_blocks([CodeBlock("python", f"{_DIG}; os.chdir('/')")])).exit_code == 0
    place = Path(executor.exchange_folder or "").parent
    assert [(made.path.count("/"), made.size) for made in executor.files_made()] == [(DEEPER, 10_000)]
    await executor.close()
    assert not place.exists()


@isolates
async def test_a_deep_tree_in_the_outbox_does_not_keep_the_next_kernel_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with KernelCodeExecutor(isolate="bubblewrap", warm_up=()) as executor:
        deed = f"import os; os.chdir({executor.outbox_folder!r})\n{_DIG}\nos._exit(1)"
        assert (await executor.execute_code_blocks([CodeBlock("python", deed)])).status == "died"
        assert (await executor.execute_code_blocks([CodeBlock("python", "1 + 1")])).output.splitlines()[-1] == "2"
        assert os.listdir(executor.outbox_folder or "") == []
