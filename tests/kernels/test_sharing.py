"""Several users of one kernel, several kernels, and a spare that is ready before anybody asks."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.errors import UsageError
from autogen_jupyter.kernels import ExecutionResult, KernelCodeExecutor, push
from autogen_jupyter.kernels.kernel import Kernel
from autogen_jupyter.kernels.pool import SPARES, SparePool
from autogen_jupyter.kernels.recipe import Recipe
from autogen_jupyter.portal import on_portal


async def run(executor: KernelCodeExecutor, code: str) -> ExecutionResult:
    return await executor.execute_code_blocks([CodeBlock("python", code)])


async def test_executors_that_share_a_name_see_each_others_variables(tmp_path: Path) -> None:
    async with (
        KernelCodeExecutor(share="data", cwd=tmp_path, warm_up=()) as one,
        KernelCodeExecutor(share="data", cwd=tmp_path, warm_up=()) as two,
    ):
        await run(one, "table = 42")
        assert (await run(two, "table")).output == "42"


async def test_executors_have_kernels_of_their_own_without_a_name(tmp_path: Path) -> None:
    async with KernelCodeExecutor(cwd=tmp_path, warm_up=()) as one, KernelCodeExecutor(cwd=tmp_path, warm_up=()) as two:
        await run(one, "table = 42")
        assert "NameError" in (await run(two, "table")).output


async def test_the_last_one_to_close_stops_a_shared_kernel(tmp_path: Path) -> None:
    one, two = (KernelCodeExecutor(share="last", cwd=tmp_path, warm_up=(), isolate="none") for _ in range(2))
    kernel = int((await run(one, "import os; os.getpid()")).output)
    await one.close()
    assert (await run(two, "os.getpid()")).output == str(kernel)
    await two.close()
    assert not psutil.pid_exists(kernel)
    async with KernelCodeExecutor(share="last", cwd=tmp_path, warm_up=()) as three:
        assert "NameError" in (await run(three, "os.getpid()")).output


async def test_who_shares_a_kernel_is_told_once_that_it_was_restarted(tmp_path: Path) -> None:
    async with (
        KernelCodeExecutor(share="told", cwd=tmp_path, warm_up=()) as one,
        KernelCodeExecutor(share="told", cwd=tmp_path, warm_up=()) as two,
    ):
        await run(one, "a = 1")
        await run(two, "b = 1")
        await one.restart()
        first, second = await run(two, "1"), await run(two, "1")
    assert first.output == "[The kernel is a new one (it was restarted): all earlier variables are gone.]\n1"
    assert second.output == "1"


async def test_an_interrupt_stops_only_what_this_executor_runs(tmp_path: Path) -> None:
    async with (
        KernelCodeExecutor(share="mine", cwd=tmp_path, warm_up=()) as one,
        KernelCodeExecutor(share="mine", cwd=tmp_path, warm_up=()) as two,
    ):
        await run(two, "1")
        running = asyncio.create_task(
            run(
                one,
                "import time\nopen('on', 'w').close()\nwhile not os.path.exists('go'): time.sleep(.01)\n'done'".replace(
                    "import time", "import time, os"
                ),
            )
        )
        while not (tmp_path / "on").exists():  # noqa: ASYNC110  # the file is the event
            await asyncio.sleep(0.01)
        await two.interrupt()
        (tmp_path / "go").touch()
        assert (await running).output == "'done'"


async def test_a_name_stands_for_one_kind_of_kernel(tmp_path: Path) -> None:
    async with KernelCodeExecutor(share="kind", cwd=tmp_path):
        with pytest.raises(UsageError, match=r"shared as 'kind' was started with another cwd"):
            KernelCodeExecutor(share="kind", cwd=tmp_path / "other")


@pytest.fixture
async def no_spare() -> AsyncIterator[None]:
    yield
    await on_portal(SPARES.close)()


async def _spare() -> Kernel:
    async def wait() -> Kernel:
        while SPARES.kernel is None:  # noqa: ASYNC110  # the pool tells nobody
            await asyncio.sleep(0.01)
        return SPARES.kernel

    return await asyncio.wait_for(wait(), 20)


@pytest.mark.usefixtures("no_spare")
async def test_a_restart_takes_the_spare_and_prepares_another(tmp_path: Path) -> None:
    async with KernelCodeExecutor(cwd=tmp_path, warm_up=(), warm_spare=True, isolate="none") as executor:
        await run(executor, "a = 1")
        spare = (await _spare()).process.pid
        await executor.restart()
        assert (await run(executor, "import os; os.getpid()")).output.endswith(str(spare))
        assert (await _spare()).process.pid != spare


@pytest.mark.usefixtures("no_spare")
async def test_a_restart_takes_the_spare_only_when_it_has_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with KernelCodeExecutor(warm_up=(), warm_spare=True) as executor:
        if not executor.isolated:
            pytest.skip(f"code writes to the folder itself here: {executor.boundary.notice}")
        await run(executor, "1")
        spare = await _spare()
        await executor.restart()
        assert executor._keeper.kernel is spare
        await run(executor, "open('made', 'w').close()")
        other = await _spare()
        await executor.restart()
        assert executor._keeper.kernel is not other
        assert (await run(executor, "open('made').read()")).output.endswith("''")
        assert [made.path for made in executor.files_made()] == ["made"]
    assert os.listdir(tmp_path) == []


@pytest.mark.usefixtures("no_spare")
async def test_variables_arrive_in_a_spare_that_works_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with KernelCodeExecutor(warm_up=(), warm_spare=True) as one:
        await run(one, "1")
        spare = await _spare()
        two = KernelCodeExecutor(warm_up=(), warm_spare=True)
        if not two.isolated:
            pytest.skip(f"all kernels read the same files here: {two.boundary.notice}")
        await push(two, {"x": 41})
        assert two._keeper.kernel is spare
        assert (await run(two, "x + 1")).output == "42"
        await two.close()


@pytest.mark.usefixtures("no_spare")
async def test_a_spare_is_for_one(tmp_path: Path) -> None:
    recipe = Recipe(cwd=tmp_path)

    async def take_twice() -> list[Kernel | None]:
        SPARES.prepare(recipe)
        resolved = recipe.resolved()
        return await asyncio.gather(SPARES.take(resolved), SPARES.take(resolved))

    taken = await on_portal(take_twice)()
    kernels = [kernel for kernel in taken if kernel is not None]
    for kernel in kernels:
        await on_portal(kernel.stop)()
    assert len(kernels) == 1


@pytest.mark.usefixtures("no_spare")
@pytest.mark.parametrize("other", [{"cwd": "/"}, {"env": {"A": "2"}}, {"memory_limit": 10**9}])
async def test_a_spare_of_another_kind_is_not_taken_and_goes_when_another_is_prepared(tmp_path: Path, other: dict[str, object]) -> None:
    recipe = Recipe(cwd=tmp_path, env={"A": "1"})
    different = Recipe(**{"cwd": tmp_path, "env": {"A": "1"}, **other})  # type: ignore[arg-type]

    async def prepare(which: Recipe) -> None:
        SPARES.prepare(which)

    async def take(which: Recipe) -> Kernel | None:
        return await SPARES.take(which.resolved())

    await on_portal(prepare)(recipe)
    first = await _spare()
    assert await on_portal(take)(different) is None
    await on_portal(prepare)(different)
    assert await asyncio.wait_for(asyncio.wrap_future(_ended(first)), 20) is not None


def _ended(kernel: Kernel) -> "asyncio.Future[int]":
    from concurrent.futures import Future

    told: Future[int] = Future()
    kernel.died.add_done_callback(lambda died: told.set_result(died.result()))
    return told  # type: ignore[return-value]


@pytest.mark.usefixtures("no_spare")
async def test_a_spare_that_dies_is_forgotten(tmp_path: Path) -> None:
    async def prepare() -> None:
        SPARES.prepare(Recipe(cwd=tmp_path))

    await on_portal(prepare)()
    spare = await _spare()
    assert spare.process.pid is not None
    os.kill(spare.process.pid, 9)
    await asyncio.wait_for(asyncio.wrap_future(_ended(spare)), 10)
    assert SPARES.kernel is None


async def test_a_spare_goes_after_a_while(tmp_path: Path) -> None:
    pool, before = SparePool(idle=0.5), set(psutil.Process().children())

    async def prepare() -> None:
        pool.prepare(Recipe(cwd=tmp_path))

    await on_portal(prepare)()
    while pool._coming is not None:  # noqa: ASYNC110  # the pool tells nobody
        await asyncio.sleep(0.01)
    await on_portal(pool.close)()
    assert not set(psutil.Process().children()) - before
