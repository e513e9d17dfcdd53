"""What a block of code costs: the executor next to the bare protocol, to a default kernel and to Jupyter's own way to start one.

The variants take turns in one process, so that the ratios mean the same on any machine. Run it from the root of the repository:
``python bench/kernel.py`` (``--quick`` for the short form).
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy
import pandas
import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import AsyncKernelManager

from autogen_jupyter import CodeBlock, KernelCodeExecutor
from autogen_jupyter.kernels import pull, push
from autogen_jupyter.kernels.pool import SPARES
from autogen_jupyter.kernels.workplace import Isolate
from autogen_jupyter.portal import submit

BLOCK = [CodeBlock("python", "1+1")]
Timed = Callable[[], Awaitable[float]]


async def timed(work: Awaitable[object]) -> float:
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) * 1000


@contextmanager
def raw_loop(manager: AsyncKernelManager, **options: object) -> Iterator[Callable[[], None]]:
    """Yield a function that runs a block with nothing but zmq between: the physical limit."""
    client = BlockingKernelClient()
    client.load_connection_info(manager.get_connection_info())
    client.start_channels(hb=False)
    shell, iopub, session = client.shell_channel.socket, client.iopub_channel.socket, client.session
    poller = zmq.Poller()
    poller.register(shell, zmq.POLLIN)
    poller.register(iopub, zmq.POLLIN)

    def run() -> None:
        msg = session.msg(
            "execute_request",
            {"code": "1+1", "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, **options},
        )
        session.send(shell, msg)
        replied = idle = False
        while not (replied and idle):
            for socket, _ in poller.poll(10_000):
                _, frames = session.feed_identities(socket.recv_multipart())
                got = session.deserialize(frames)
                if got["parent_header"].get("msg_id") == msg["header"]["msg_id"]:
                    replied |= socket is shell
                    idle |= socket is iopub and got["content"].get("execution_state") == "idle"

    time.sleep(0.3)  # until the subscription is live
    run()
    try:
        yield run
    finally:
        client.stop_channels()  # left to the garbage collector, they may keep zmq waiting for ever


async def warm(rounds: int) -> None:
    """The round trip of a warm kernel."""
    executor = KernelCodeExecutor(warm_up=())
    await executor.execute_code_blocks(BLOCK)
    kernel = executor._keeper.kernel
    assert kernel is not None
    default = AsyncKernelManager()
    await default.start_kernel()
    client = default.client()
    client.start_channels()
    await client.wait_for_ready()

    async def ours() -> float:
        return await timed(executor.execute_code_blocks(BLOCK))

    async def interactive() -> float:
        return await timed(client.execute_interactive("1+1", output_hook=lambda _: None))

    with raw_loop(kernel.process._manager, stop_on_error=False) as raw:

        async def bare() -> float:
            started = time.perf_counter()
            raw()
            return (time.perf_counter() - started) * 1000

        others: dict[str, Timed] = {"raw zmq, same kernel": bare, "execute_interactive, default kernel": interactive}
        await compare({"executor": ours, **others}, rounds, "warm 1+1")
    client.stop_channels()
    await default.shutdown_kernel(now=True)
    await executor.close()


async def compare(variants: dict[str, Timed], rounds: int, title: str) -> None:
    """Time the variants in turns, and show the first one's share of each.

    In each round they come in another order: what follows the work of another process finds the processor's caches cold, and a kernel that
    has just worked is quicker.
    """
    times: dict[str, list[float]] = {name: [] for name in variants}
    orders = [*itertools.permutations(variants)]
    for turn in range(rounds):
        for name in orders[turn % len(orders)]:
            times[name].append(await variants[name]())
    ours = statistics.median(times[next(iter(variants))])
    print(f"\n{title}, {rounds} rounds{'p50 ms':>22}{'min':>8}   ours / it")
    for name, values in times.items():
        print(f"  {name:38}{statistics.median(values):8.2f}{min(values):8.2f}{ours / statistics.median(values):10.2f}")


async def cold(rounds: int) -> None:
    """From nothing to the first result."""

    async def ours() -> float:
        executor = KernelCodeExecutor(warm_up=())
        try:
            return await timed(executor.execute_code_blocks(BLOCK))
        finally:
            await executor.close()

    async def default() -> float:
        manager = AsyncKernelManager()
        started = time.perf_counter()
        await manager.start_kernel()
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready()
        await client.execute_interactive("1+1", output_hook=lambda _: None)
        took = (time.perf_counter() - started) * 1000
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        return took

    await compare({"executor": ours, "jupyter_client": default}, rounds, "cold start to first result")


async def after_model_time(rounds: int) -> None:
    """The first block of a chat whose model took a second, with all imports warming up meanwhile."""

    async def first() -> float:
        executor = KernelCodeExecutor()
        executor.start()
        await asyncio.sleep(1.0)
        try:
            return await timed(executor.execute_code_blocks(BLOCK))
        finally:
            await executor.close()

    await compare({"first block after 1 s": first}, rounds, "behind the model")


async def restart(rounds: int) -> None:
    """A restart and the next result, when a spare is there."""
    executor = KernelCodeExecutor(warm_spare=True)
    await executor.execute_code_blocks(BLOCK)

    async def again() -> float:
        while SPARES.kernel is None:  # noqa: ASYNC110  # the pool tells nobody
            await asyncio.sleep(0.05)
        await asyncio.sleep(2.0)  # its imports
        return await timed(_restart_and_run(executor))

    await compare({"restart to next result": again}, rounds, "warm spare")
    await executor.close()
    await SPARES.close()


async def _restart_and_run(executor: KernelCodeExecutor) -> None:
    await executor.restart()
    await executor.execute_code_blocks(BLOCK)


async def remote(rounds: int, kind: str) -> None:
    """The round trip of a kernel on a Jupyter server on this machine, next to one without a server between."""
    from tests.kernels.jupyter_servers import jupyter_server

    with tempfile.TemporaryDirectory() as folder, jupyter_server(kind, Path(folder)) as server:
        far, near = KernelCodeExecutor(server=server, warm_up=()), KernelCodeExecutor(warm_up=(), isolate="none")
        for executor in (far, near):
            for _ in range(5):
                await executor.execute_code_blocks(BLOCK)
        variants: dict[str, Timed] = {
            f"on a {kind}": lambda: timed(far.execute_code_blocks(BLOCK)),
            "local": lambda: timed(near.execute_code_blocks(BLOCK)),
        }
        await compare(variants, rounds, "remote 1+1")
        data = {"data": numpy.random.default_rng(0).random(12_500_000)}
        took = [await timed(push(executor, data)) for executor in (far, near)]
        print(f"  100 MB into the kernel: {took[0]:.0f} ms there, {took[1]:.0f} ms here")
        await far.close()
        await near.close()


def frames() -> dict[str, pandas.DataFrame]:
    """Tables of 100 MB: of one type, and as analysts have them."""
    random, rows = numpy.random.default_rng(0), 1_000_000
    mixed = {
        **{f"whole_{number}": random.integers(0, 100, rows) for number in range(4)},
        **{f"part_{number}": random.random(rows) for number in range(4)},
        "when": pandas.date_range("2000", periods=rows, freq="s"),
        "group": pandas.Categorical.from_codes(random.integers(0, 3, rows), ["a", "b", "c"]),
        "text": pandas.Series(random.integers(10**6, 10**7, rows)).astype(str) + "-text-of-it",
    }
    return {"numbers": pandas.DataFrame(random.random((rows, 13))), "mixed": pandas.DataFrame(mixed)}


async def hand_over(rounds: int, isolate: Isolate) -> None:
    """100 MB of DataFrame into the kernel and back, next to a file of that size that is written and read."""
    executor = KernelCodeExecutor(isolate=isolate)
    await executor.execute_code_blocks([CodeBlock("python", "import pandas")])
    if isolate != "none" and not executor.isolated:
        print(f"\nhand-over, {isolate}: not here")
        await executor.close()
        return

    def copy() -> None:
        with tempfile.TemporaryFile() as file:
            file.write(block)
            file.seek(0)
            file.readinto(bytearray(len(block)))

    for name, frame in frames().items():
        block = bytes(int(frame.memory_usage(deep=True).sum()))
        data = {"frame": frame}
        await push(executor, data)
        variants: dict[str, Timed] = {
            "in": lambda data=data: timed(push(executor, data)),  # type: ignore[misc]
            "out": lambda: timed(pull(executor, ["frame"])),
            "a file written and read": lambda: timed(asyncio.to_thread(copy)),
        }
        await compare(variants, rounds, f"hand-over, isolate={isolate}, {name}, {len(block) / 1e6:.0f} MB")
    await executor.close()


async def main(quick: bool) -> None:
    await warm(60 if quick else 400)
    for isolate in ("none", "bubblewrap"):
        await hand_over(4 if quick else 20, isolate)
    await cold(4 if quick else 12)
    await after_model_time(3 if quick else 8)
    await restart(3 if quick else 8)
    for kind in ("jupyter-server", "kernel-gateway"):
        await remote(60 if quick else 400, kind)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # a server to run on is among the tests' helpers
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    submit(main(parser.parse_args().quick)).result()
