import datetime
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autogen_jupyter.code_blocks import CodeBlock
from autogen_jupyter.errors import KernelError, UsageError
from autogen_jupyter.kernels import KernelCodeExecutor, describe, pull, push

from .conftest import Run

FRAME = pd.DataFrame({"n": [1, 2, 3], "x": [0.5, None, 1.5], "name": ["a", "b", "c"], "when": pd.to_datetime(["2024-01-01"] * 3, utc=True)})
FRAMES = {
    "plain": FRAME,
    "index": FRAME.set_index("name"),
    "levels": FRAME.set_index(["name", "n"]),
    "category": FRAME.assign(name=FRAME["name"].astype("category")),
    "objects": pd.DataFrame({"mixed": [1, "a", None], "lists": [[1], [2], []], "gap": ["a", float("nan"), None]}),
    "numbered": pd.DataFrame(np.eye(3)),
    "wide": pd.DataFrame(np.zeros((2, 4)), columns=pd.MultiIndex.from_product([["a", "b"], [1, 2]])),
    "period": pd.DataFrame({"p": pd.period_range("2024-01", periods=3, freq="M")}),
    "empty": pd.DataFrame({"a": []}),
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
async def test_a_frame_arrives_as_it_is(executor: KernelCodeExecutor, run: Run, folder: Path, frame: pd.DataFrame) -> None:
    await push(executor, {"df": frame})
    await run("df.to_pickle('back')")
    pd.testing.assert_frame_equal(pd.read_pickle(folder / "back"), frame)


async def test_arrays_and_series_arrive_as_they_are(executor: KernelCodeExecutor, run: Run) -> None:
    await push(executor, {"a": np.arange(6.0).reshape(2, 3), "s": pd.Series([1, 2], name="n"), "o": np.array([{"k": 1}], dtype=object)})
    assert (await run("a.tolist(), s.name, s.tolist(), o[0]")).output == "([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], 'n', [1, 2], {'k': 1})"


async def test_plain_data_arrives(executor: KernelCodeExecutor, run: Run) -> None:
    data = {"text": 'é \U0001f600 " \\', "number": 1.5, "nothing": None, "yes": True, "rows": [{"a": [1, 2]}, {"a": []}], "np": np.int64(3)}
    await push(executor, data)
    result = await run("text == 'é \U0001f600 \" \\\\', number, nothing, yes, rows, np, type(np)")
    assert result.output == "(True, 1.5, None, True, [{'a': [1, 2]}, {'a': []}], 3, int)"


async def test_a_big_frame_does_not_travel_in_code(executor: KernelCodeExecutor, run: Run) -> None:
    await push(executor, {"big": pd.DataFrame(np.ones((500_000, 4)))})
    assert (await run("big.shape")).output == "(500000, 4)"


async def test_nothing_of_the_way_stays(executor: KernelCodeExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    await push(executor, {"df": FRAME, "n": 1})
    assert os.listdir(tmp_path) == []


async def test_plain_data_keep_their_kinds(executor: KernelCodeExecutor, run: Run) -> None:
    await push(executor, {"data": {1: (2, {3}), "when": datetime.date(2024, 1, 1)}, "frames": {"a": FRAME}})
    assert (await run("data, frames['a'].shape")).output == "({1: (2, {3}), 'when': datetime.date(2024, 1, 1)}, (3, 4))"


async def test_an_object_is_copied_by_pickle_only_where_that_is_asked_for(executor: KernelCodeExecutor, run: Run) -> None:
    with pytest.raises(
        UsageError, match=r"'half' is or holds a fractions\.Fraction, .* as data\. To copy it by pickle: --pickle, or pickle=True"
    ):
        await push(executor, {"half": Fraction(1, 2)})
    await push(executor, {"half": Fraction(1, 2), "cells": pd.Series([Fraction(1, 3)])}, pickle=True)
    assert (await run("half + cells[0]")).output == "Fraction(5, 6)"
    values, problems = await pull(executor, ["half", "cells"])
    assert values == {}
    assert problems == {"half": "a fractions.Fraction", "cells": "a fractions.Fraction"}


async def test_everything_comes_back_as_it_is(executor: KernelCodeExecutor, run: Run) -> None:
    given = {**{f"frame_{number}": frame for number, frame in enumerate(FRAMES.values())}, "array": np.eye(3), "series": FRAME["when"]}
    await push(executor, {**given, "plain": {"a": [1, (2,)]}})
    values, problems = await pull(executor, [*given, "plain", "nosuch"])
    assert problems == {"nosuch": ""}
    assert values.pop("plain") == {"a": [1, (2,)]}
    np.testing.assert_array_equal(values.pop("array"), given["array"])
    pd.testing.assert_series_equal(values.pop("series"), given["series"])
    assert values.keys() == given.keys() - {"array", "series"}
    for name, frame in values.items():
        pd.testing.assert_frame_equal(frame, given[name])


HOSTILE = {
    "a link": "os.symlink('/etc/passwd', {folder} + '/variables.json')",
    "a pipe": "os.mkfifo({folder} + '/variables.json')",
    "a folder": "os.mkdir({folder} + '/variables.json')",
    "nothing": "pass",
    "a file elsewhere": "json.dump({{'x': {{'file': '../../secret', 'value': 1}}}}, open({folder} + '/variables.json', 'w'))",
    "a link of data": "json.dump({{'x': {{'file': 'l', 'value': 1}}}}, open({folder} + '/variables.json', 'w'));"
    "os.symlink('/etc/passwd', {folder} + '/l')",
    "a file that is huge": "json.dump({{'x': {{'file': 'h', 'value': 1}}}}, open({folder} + '/variables.json', 'w'));"
    "os.truncate(os.open({folder} + '/h', os.O_CREAT | os.O_RDWR), 5 << 30)",
    "another folder": "os.rename({folder}, {folder} + '.old'); os.symlink('/etc', {folder})",
}


@pytest.mark.skipif(os.name != "posix", reason="makes links and pipes")
@pytest.mark.parametrize("deed", HOSTILE.values(), ids=HOSTILE)
async def test_a_kernel_that_leaves_something_else_is_refused(deed: str, tmp_path: Path) -> None:
    code = f"""
import sys, json, os
def save(names, folder):
    {deed.format(folder="folder")}
    return "{{}}"
"""
    async with KernelCodeExecutor(warm_up=()) as executor:
        await executor.execute_code_blocks([CodeBlock("python", "x = 1")])
        assert (await pull(executor, ["x"])) == ({"x": 1}, {})
        done = await executor.execute_code_blocks([CodeBlock("python", f"{code}\nsys.modules['_agent_parcels'].doors.save = save")])
        assert done.exit_code == 0, done.output
        try:
            values, problems = await pull(executor, ["x"])
        except UsageError:
            return
        assert values == {}
        assert [*problems] == ["x"]


async def test_a_kernel_whose_part_of_the_library_was_replaced_is_an_error_that_says_so() -> None:
    async with KernelCodeExecutor(warm_up=()) as executor:
        await executor.execute_code_blocks([CodeBlock("python", "x = 1")])
        await pull(executor, ["x"])
        for given in ("'no json'", "7", "b'{}'"):
            deed = f"import sys; sys.modules['_agent_parcels'].doors.save = lambda names, folder: {given}"
            await executor.execute_code_blocks([CodeBlock("python", deed)])
            with pytest.raises(KernelError, match="restart the kernel"):
                await pull(executor, ["x"])


def _data_left_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix == ".bin" or path.name == "variables.json"]


async def test_a_frame_crosses_under_every_isolation_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for isolate in ("none", "auto"):
        async with KernelCodeExecutor(warm_up=(), isolate=isolate) as executor:
            await push(executor, {"df": FRAME})
            values, _ = await pull(executor, ["df"])
            pd.testing.assert_frame_equal(values["df"], FRAME)
            assert executor.files_made() == []
            assert _data_left_in(tmp_path) == []


class Model:
    pass


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"model": Model()}, r"'model' is or holds a .*Model"),
        ({"deep": {"a": [1, {Model()}]}}, r"'deep' is or holds a .*Model.* --pickle"),
        ({"cells": pd.DataFrame({"a": [Model()]})}, r"'cells' is or holds a .*Model.* --pickle"),
        ({"not a name": 1}, "'not a name' is not a name"),
        ({"class": 1}, "'class' is not a name"),
        ({"x; import os": 1}, "is not a name"),
    ],
)
async def test_what_cannot_cross_is_named_and_nothing_arrives(
    executor: KernelCodeExecutor, run: Run, variables: Mapping[str, Any], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        await push(executor, {"innocent": 1, **variables})
    assert "NameError" in (await run("innocent")).output


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (FRAME[["n", "name"]].astype({"name": object}), "v: DataFrame, 3 rows x 2 columns: n (int64), name (object)"),
        (pd.DataFrame(index=[0, 1]), "v: DataFrame, 2 rows x 0 columns"),
        (pd.Series([1.5], name="price"), "v: Series named price, 1 rows (float64)"),
        (np.zeros((2, 3)), "v: ndarray, shape (2, 3) (float64)"),
        ([1, 2.5], "v: list of 2 items (float, int)"),
        ([], "v: list of 0 items"),
        ({"a": 1, "b": "x"}, "v: dict with 2 keys: a (int), b (str)"),
        ("secret", "v: str, 6 characters"),
        (7, "v: int"),
        (Model(), "v: Model"),
    ],
)
def test_a_description_tells_the_shape_and_no_value(value: object, line: str) -> None:
    assert describe("v", value) == line


def test_a_description_of_many_columns_is_bounded_and_stays_on_one_line() -> None:
    frame = pd.DataFrame({f"column\n{number} {'x' * 100}": [1] for number in range(100)})
    line = describe("wide", frame)
    assert line.endswith("… and 60 more")
    assert "\n" not in line
    assert len(line) < 5000


def test_a_description_looks_at_no_more_columns_than_it_lists() -> None:
    frame = pd.DataFrame(np.empty((0, 10_000_000)))
    tracemalloc.start()
    line = describe("wide", frame)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert line.endswith("… and 9999960 more")
    assert peak < 1_000_000


def test_describing_plain_data_does_not_import_pandas() -> None:
    code = "import sys; from autogen_jupyter.kernels.handover import describe; describe('a', [1]); sys.exit('pandas' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == 0
