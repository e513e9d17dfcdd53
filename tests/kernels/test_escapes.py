"""Hostile code against the boundary. Run as a script, this writes the table of docs/security.md."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import importlib.util
import os
import platform
import re
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import psutil
import pytest
from jupyter_client.provisioning import KernelProvisionerBase

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.context import ChatContext
from autogen_jupyter.errors import KernelStartError, UsageError
from autogen_jupyter.events import ChatEvent, Noticed
from autogen_jupyter.human_input import InputAnswer, InputRequest
from autogen_jupyter.kernels import KernelCodeExecutor
from autogen_jupyter.kernels.provisioners import ENTRY_POINTS
from autogen_jupyter.kernels.provisioners.probe import probe
from autogen_jupyter.kernels.provisioners.walls import Walls
from autogen_jupyter.replies.code import CodePolicy

from .escapes import ATTEMPTS, BEGIN, END, Attempt, table

DOC = Path(__file__).parents[2] / "docs" / "security.md"
MiB = 1 << 20
SECRET = "ESCAPED: a secret"
ADD_KEY, KEYCTL = {"x86_64": (248, 250), "aarch64": (217, 219)}.get(platform.machine(), (0, 0))
HAS_KEYRING = sys.platform == "linux" and KEYCTL > 0 and ctypes.CDLL(None).syscall(KEYCTL, 1, None) > 0
"""Whether this session has a keyring now. It is made before there are threads, each of which would have its own."""

isolates = pytest.mark.skipif(bool(probe().problem), reason=f"bubblewrap cannot be used here: {probe().problem}")
layers = pytest.mark.skipif(bool(probe().overlay_problem), reason=f"no overlay here: {probe().overlay_problem}")


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """The notebook's side: a folder with data, secrets around it, servers on this machine."""
    home, folder, outside = tmp_path / "home", tmp_path / "home" / "project", tmp_path / "outside"
    for made in (folder, outside, home / ".ssh"):
        made.mkdir(parents=True)
    (home / ".ssh" / "id_rsa").write_text(SECRET)
    (outside / "secret").write_text(SECRET)
    (folder / ".env").write_text(SECRET)
    (folder / "data.csv").write_text("year\n2007\n")
    (folder / "other.csv").write_text("kept")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("OPENAI_API_KEY", "key-of-the-notebook")
    monkeypatch.chdir(folder)
    abstract = f"agent-escape-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as local:
        local.bind("\0" + abstract)
        local.listen()
        yield {
            "secret": str(outside / "secret"),
            "home": str(home),
            "folder": str(folder),
            "outside": str(outside),
            "pid": os.getpid(),
            "marker": "PATH=",
            "port": server.getsockname()[1],
            "abstract": abstract,
            "key": _keep_key(abstract, SECRET),
            "keyctl": KEYCTL,
        }


def _keep_key(name: str, text: str) -> str:
    """Put a key into the keyring of this session, as tools for tickets do; return its name, empty where that fails."""
    return name if HAS_KEYRING and ctypes.CDLL(None).syscall(ADD_KEY, b"user", name.encode(), text.encode(), len(text), -3) > 0 else ""


@pytest.fixture
async def inside(host: dict[str, object]) -> AsyncIterator[KernelCodeExecutor]:
    """An isolated executor with small limits."""
    options = {"isolate": "bubblewrap", "memory_limit": 1024 * MiB, "processes": 400, "disk": 200 * MiB}
    async with KernelCodeExecutor(timeout=40, warm_up=(), **options) as executor:  # type: ignore[arg-type]
        host["exchange"] = executor.exchange_folder
        yield executor


async def _never(request: InputRequest) -> InputAnswer:
    raise AssertionError(request)


def _names(host: dict[str, object]) -> list[Path]:
    return sorted(Path(str(host["folder"])).rglob("*"))


async def _try(executor: KernelCodeExecutor, code: str, host: dict[str, object]) -> str:
    return (await executor.execute_code_blocks([CodeBlock("python", f"HOST = {host!r}\n{code}")])).output


def _escaped(said: str, host: dict[str, object]) -> bool:
    folder = Path(str(host["folder"]))
    is_changed = (folder / "data.csv").read_text() != "year\n2007\n" or not (folder / "other.csv").exists()
    return is_changed or any(line.startswith("ESCAPED") for line in said.splitlines())


@isolates
@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.what)
async def test_no_attempt_gets_out_of_bubblewrap(attempt: Attempt, inside: KernelCodeExecutor, host: dict[str, object]) -> None:
    said = await _try(inside, attempt.code, host)
    assert not _escaped(said, host), said
    assert not re.search("NameError|SyntaxError|KeyError|TypeError|IndentationError", said), f"the attempt itself is broken: {said}"
    assert (await inside.execute_code_blocks([CodeBlock("python", "1 + 1")])).output.splitlines()[-1] == "2"


@pytest.mark.skipif(sys.platform != "linux", reason="the attempts are for Linux")
@pytest.mark.parametrize("attempt", [one for one in ATTEMPTS if one.is_safe], ids=lambda attempt: attempt.what)
async def test_the_table_is_honest_about_kernels_that_are_not_isolated(attempt: Attempt, host: dict[str, object]) -> None:
    if "HOST['key']" in attempt.code and not host["key"]:
        pytest.skip("no kernel keyring here")
    async with KernelCodeExecutor(timeout=40, warm_up=(), isolate="none") as executor:
        assert not executor.isolated
        assert _escaped(await _try(executor, attempt.code, host), host) is not attempt.held_without


@isolates
async def test_only_its_own_processes_and_variables_are_seen(inside: KernelCodeExecutor, host: dict[str, object]) -> None:
    said = await _try(inside, "import os; print(len([n for n in os.listdir('/proc') if n.isdigit()]), sorted(os.environ))", host)
    assert int(said.split()[0]) <= 3
    assert "key-of-the-notebook" not in said
    assert "OPENAI_API_KEY" not in said


@isolates
@layers
async def test_written_files_are_apart_until_they_are_brought_back(inside: KernelCodeExecutor, host: dict[str, object]) -> None:
    folder = Path(str(host["folder"]))
    code = "open('new.txt', 'w').write('made'); open('data.csv', 'a').write('2008'); import os; print(os.getcwd(), open('data.csv').read())"
    said = await _try(inside, code, host)
    assert said == f"{folder} year\n2007\n2008"
    assert [(made.path, made.size, made.change) for made in inside.files_made()] == [("data.csv", 14, "changed"), ("new.txt", 4, "new")]
    assert not (folder / "new.txt").exists()
    assert inside.bring_back(["new.txt"]) == [folder / "new.txt"]
    assert (folder / "new.txt").read_text() == "made"
    with pytest.raises(UsageError, match="overwrite=True"):
        inside.bring_back(["data.csv"])
    assert (folder / "data.csv").read_text() == "year\n2007\n"
    inside.bring_back(["data.csv"], overwrite=True)
    assert (folder / "data.csv").read_text() == "year\n2007\n2008"


@isolates
@layers
async def test_a_restart_keeps_the_files_made(inside: KernelCodeExecutor, host: dict[str, object]) -> None:
    await _try(inside, "open('new.txt', 'w').write('made')", host)
    await inside.restart()
    assert (await _try(inside, "print(open('new.txt').read())", host)).endswith("made")


@isolates
@layers
@pytest.mark.parametrize(
    "path",
    [
        *("link", "linked/secret", "../outside/secret", "/etc/passwd", "pipe", ".", ""),
        *(".git/hooks/run", "sub/.git/config", "sub/module/.git", "sub/.GIT/config", "sub/.vscode/tasks.json"),
    ],
)
async def test_no_path_trick_brings_anything_else_back(path: str, inside: KernelCodeExecutor, host: dict[str, object]) -> None:
    code = """
import os
os.symlink(HOST['secret'], 'link'); os.symlink(HOST['outside'], 'linked'); os.mkfifo('pipe')
for path in ('.git/hooks/run', 'sub/.git/config', 'sub/module/.git', 'sub/.GIT/config', 'sub/.vscode/tasks.json'):
    os.makedirs(os.path.dirname(path)); open(path, 'w').write('#!/bin/sh')
"""
    await _try(inside, code, host)
    before = _names(host)
    with pytest.raises(UsageError, match=r"not brought back|not a file that the code made|leads outside"):
        inside.bring_back([path])
    assert _names(host) == before


@isolates
async def test_analysts_libraries_work_inside(inside: KernelCodeExecutor, host: dict[str, object]) -> None:
    code = "import pandas as pd, matplotlib.pyplot as plt\npd.read_csv('data.csv').plot()\nplt.savefig('plot.png')"
    result = await inside.execute_code_blocks([CodeBlock("python", code)])
    assert result.exit_code == 0, result.output
    assert any("image/png" in output.get("data", {}) for output in result.outputs)


@isolates
async def test_relative_places_of_modules_do_not_keep_it_from_starting(host: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    (Path(str(host["folder"])) / "lib").mkdir()
    monkeypatch.setattr(sys, "path", [".", "lib", "../../outside", *sys.path])
    async with KernelCodeExecutor(timeout=40, warm_up=(), isolate="bubblewrap") as executor:
        assert await _try(executor, "print(1 + 1)", host) == "2"


@isolates
async def test_mounted_folders_are_read_and_written_as_said(host: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "read").mkdir()
    (tmp_path / "write").mkdir()
    (tmp_path / "read" / "a").write_text("text")
    mounts = [str(tmp_path / "read"), f"{tmp_path / 'write'}:rw"]
    async with KernelCodeExecutor(timeout=40, warm_up=(), isolate="bubblewrap", mounts=mounts) as executor:
        code = f"text = open({str(tmp_path / 'read' / 'a')!r}).read(); print(text, file=open({str(tmp_path / 'write' / 'b')!r}, 'w'))"
        assert await _try(executor, code, host) == ""
        assert (tmp_path / "write" / "b").read_text() == "text\n"
        assert "Read-only" in await _try(executor, f"open({str(tmp_path / 'read' / 'c')!r}, 'w')", host)


@isolates
@pytest.mark.parametrize("rights", ["", ":rw"])
async def test_sockets_in_a_mounted_folder_do_not_answer(host: dict[str, object], rights: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="agk-test-") as mounted, contextlib.ExitStack() as listening:
        inner = os.path.join(mounted, "inner")
        os.mkdir(inner)
        monkeypatch.chdir(mounted)
        for path in (os.path.join(inner, "deep"), "relative"):
            local = listening.enter_context(socket.socket(socket.AF_UNIX))
            local.bind(path)
            local.listen()
        monkeypatch.chdir(str(host["folder"]))
        code = f"""
import socket
for path in {[os.path.join(inner, "deep"), os.path.join(mounted, "relative")]}:
    try: socket.socket(socket.AF_UNIX).connect(path); print('ESCAPED')
    except OSError as error: print('held')
"""
        async with KernelCodeExecutor(timeout=40, warm_up=(), isolate="bubblewrap", mounts=[mounted + rights]) as executor:
            assert await _try(executor, code, host) == "held\nheld"


@isolates
@pytest.mark.parametrize(
    "name", [".envrc", ".npmrc", ".Renviron", "credentials.json", "secrets.toml", "server.key", "server.pem", "id_ecdsa", "id_rsa.bak"]
)
def test_files_of_keys_beside_the_notebook_are_hidden(name: str, host: dict[str, object]) -> None:
    folder = str(host["folder"])
    (Path(folder) / name).write_text(SECRET)
    words = Walls(folder, (sys.executable,)).command()
    assert ["--ro-bind", "/dev/null", f"{folder}/{name}"] in [words[at : at + 3] for at in range(len(words))]


@isolates
async def test_the_network_is_there_when_it_is_asked_for(host: dict[str, object]) -> None:
    async with KernelCodeExecutor(timeout=40, warm_up=(), isolate="bubblewrap", network=True) as executor:
        code = "import socket; socket.create_connection(('127.0.0.1', HOST['port']), 3); print('connected')"
        assert await _try(executor, code, host) == "connected"
        assert "can use the network" in executor.boundary.description


@isolates
async def test_what_code_installs_is_found_by_it_and_by_its_programs_and_is_nowhere_else(
    inside: KernelCodeExecutor, host: dict[str, object], tmp_path: Path
) -> None:
    pytest.importorskip("pip")
    made = "import zipfile\nwith zipfile.ZipFile('tiny_one-1.0-py3-none-any.whl', 'w') as wheel:\n" + "".join(
        f"    wheel.writestr({name!r}, {text!r})\n"
        for name, text in {
            "tiny_one.py": "SAYS = 'hello'\n",
            "tiny_one-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny-one\nVersion: 1.0\n",
            "tiny_one-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: us\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            "tiny_one-1.0.dist-info/RECORD": "tiny_one.py,,\ntiny_one-1.0.dist-info/METADATA,,\ntiny_one-1.0.dist-info/WHEEL,,\n",
        }.items()
    )
    await inside.execute_code_blocks([CodeBlock("python", made)])
    result = await inside.execute_code_blocks([CodeBlock("python", "%pip install --no-index ./tiny_one-1.0-py3-none-any.whl")])
    assert result.exit_code == 0, result.output
    blocks = [
        CodeBlock("python", "import tiny_one, sys\ntiny_one.SAYS"),
        CodeBlock("sh", "python -c 'import tiny_one; print(tiny_one.SAYS)'"),
    ]
    assert (await inside.execute_code_blocks(blocks)).output == "'hello'\nhello"
    assert importlib.util.find_spec("tiny_one") is None


async def test_an_install_without_network_says_why_it_fails(inside: KernelCodeExecutor, host: dict[str, object]) -> None:
    result = await inside.execute_code_blocks([CodeBlock("python", "%pip install no-such-package-of-ours")])
    assert "network=True" in result.output


@isolates
async def test_nothing_that_was_started_survives(inside: KernelCodeExecutor, host: dict[str, object]) -> None:
    before = set(psutil.Process().children(recursive=True))  # of other tests: a server, a spare kernel
    await _try(inside, "import subprocess; subprocess.Popen(['setsid', 'sh', '-c', 'sleep 611 & sleep 612'])", host)
    said = await _try(
        inside, "import time\nwhile 'sleep' not in (s := subprocess.getoutput('ps -eo comm')): time.sleep(.05)\nprint(s)", host
    )
    assert "sleep" in said
    started = set(psutil.Process().children(recursive=True)) - before
    assert sum("sleep" in child.name() for child in started) >= 1
    await inside.close()
    _, alive = await asyncio.to_thread(psutil.wait_procs, started, 5)
    assert not alive
    assert not [one for one in psutil.process_iter(["cmdline"]) if (one.info["cmdline"] or [])[-1:] in (["611"], ["612"])]


async def test_where_bubblewrap_is_not_there_the_notice_says_how_to_get_it(
    host: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    executor = KernelCodeExecutor(isolate="auto")
    assert not executor.isolated
    assert "not isolated" in executor.boundary.notice
    if sys.platform == "linux":
        assert "apt-get install bubblewrap" in executor.boundary.notice
    with pytest.raises(KernelStartError, match="was demanded"):
        await KernelCodeExecutor(isolate="bubblewrap").execute_code_blocks([CodeBlock("python", "1")])


async def test_a_chat_without_isolation_shows_the_notice_once(host: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    executor = KernelCodeExecutor(isolate="auto", warm_up=())
    policy = CodePolicy(executor, last_n_messages=1, ask=_never)
    seen: list[ChatEvent] = []
    for _ in range(2):
        policy.attach(ChatContext(seen.append))
    await executor.close()
    assert [event.text for event in seen if isinstance(event, Noticed)] == [executor.boundary.notice]


@pytest.mark.parametrize(
    "options",
    [{"isolate": "docker"}, {"mounts": ["/"]}, {"mounts": ["/nowhere/at/all"]}, {"memory_limit": 5}, {"processes": 0}, {"disk": -1}],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        KernelCodeExecutor(**options)  # type: ignore[arg-type]


def test_other_jupyter_tools_find_the_provisioners() -> None:
    metadata = (DOC.parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    for name, place in ENTRY_POINTS.items():
        assert f'{name} = "{place}"' in metadata
        assert issubclass(EntryPoint(name, place, "").load(), KernelProvisionerBase)


def test_the_documented_table_is_that_of_the_attempts() -> None:
    assert _with_table(DOC.read_text(encoding="utf-8")) == DOC.read_text(encoding="utf-8"), "run: python -m tests.kernels.test_escapes"


def _with_table(text: str) -> str:
    head, rest = text.split(BEGIN)
    return f"{head}{BEGIN}\n\n{table()}\n\n{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    DOC.write_text(_with_table(DOC.read_text(encoding="utf-8")), encoding="utf-8")
