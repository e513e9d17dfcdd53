import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autogen_jupyter.errors import UsageError
from autogen_jupyter.kernels import KernelCodeExecutor, describe, push

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


class Model:
    pass


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"model": Model()}, r"'model' is or holds a .*Model"),
        ({"deep": {"a": [1, {2, 3}]}}, "'deep' is or holds a set"),
        ({"keys": {1: "a"}}, "keys are not all text"),
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


def test_describing_plain_data_does_not_import_pandas() -> None:
    code = "import sys; from autogen_jupyter.kernels.handover import describe; describe('a', [1]); sys.exit('pandas' in sys.modules)"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == 0
