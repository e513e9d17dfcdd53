import asyncio
from pathlib import Path

import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.errors import KernelError
from autogen_jupyter.kernels import KernelCodeExecutor

from .conftest import Run


async def test_variables_have_a_type_a_shape_a_size_and_a_text(executor: KernelCodeExecutor, run: Run) -> None:
    await run("import numpy as np, pandas as pd\ntable = pd.DataFrame({'city': ['Oslo'], 'n': [1]})")
    await run("cube = np.zeros((2, 3, 4)); names = ['a'] * 9; n = 7")
    found = {variable.name: variable for variable in await executor.variables()}
    assert found["table"].type == "pandas.DataFrame"
    assert (found["table"].shape, found["table"].text) == ((1, 2), "columns: 'city', 'n'")
    assert (found["cube"].type, found["cube"].shape, found["cube"].size) == ("numpy.ndarray", (2, 3, 4), 192)
    assert (found["names"].shape, found["names"].text) == ((9,), "['a', 'a', 'a', 'a', 'a', …]")
    assert found["n"].text == "7"
    assert "np" not in found, "modules are not data"
    assert "In" not in found, "nor is what IPython keeps there"


async def test_no_code_of_the_variables_runs(executor: KernelCodeExecutor, run: Run) -> None:
    await run(
        "class Slow:\n    def __repr__(self):\n        while True: pass\n    __len__ = __getattr__ = __repr__\n"
        "slow, inside, big = Slow(), [Slow()], 10 ** 100_000"
    )
    found = {variable.name: variable.text for variable in await asyncio.wait_for(executor.variables(), 10)}
    assert (found["slow"], found["inside"], found["big"]) == ("<Slow>", "[<Slow>]", "<int of 332,193 bits>")


async def test_the_listing_is_bounded(executor: KernelCodeExecutor, run: Run) -> None:
    await run("globals().update({f'v{i}': 'x' * 10_000 for i in range(1000)})")
    found = await executor.variables()
    assert len(found) == 200
    assert max(len(variable.text) for variable in found) <= 120
    await run("for i in range(1000): del globals()[f'v{i}']")


async def test_variables_can_be_listed_while_code_runs(executor: KernelCodeExecutor, run: Run, folder: Path) -> None:
    running = asyncio.create_task(
        run("during = 1\nopen('on', 'w').close()\nimport os, time\nwhile not os.path.exists('go'): time.sleep(.01)")
    )
    while not (folder / "on").exists():  # noqa: ASYNC110  # the file is the event
        await asyncio.sleep(0.01)
    names = {variable.name for variable in await executor.variables()}
    (folder / "go").touch()
    assert (await running).exit_code == 0
    assert "during" in names


async def test_a_kernel_that_does_not_run_has_no_variables() -> None:
    executor = KernelCodeExecutor()
    assert await executor.variables() == []
    await executor.close()


async def test_code_that_lets_nobody_in_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autogen_jupyter.kernels.executor.LOOK", 0.5)
    async with KernelCodeExecutor(cwd=folder, warm_up=(), timeout=4) as executor:
        await executor.execute_code_blocks([CodeBlock("python", "1")])
        running = asyncio.create_task(executor.execute_code_blocks([CodeBlock("python", "open('held', 'w').close(); sum(range(10**12))")]))
        while not (folder / "held").exists():  # noqa: ASYNC110  # the file is the event
            await asyncio.sleep(0.01)
        with pytest.raises(KernelError, match="cannot be looked into now"):
            await executor.variables()
        await running
