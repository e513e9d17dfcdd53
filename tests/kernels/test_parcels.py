"""Variables through a folder and back, without a kernel: what they are afterwards, and what a hostile folder does."""

import datetime
import decimal
import json
import math
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autogen_jupyter.kernels.parcels.folder import LISTING, leave, take
from autogen_jupyter.kernels.parcels.streams import Foreign

N = [3, 1, 2]
WHEN = pd.to_datetime(["2024-01-01", None, "2024-03-01 12:30:00.000000001"], format="ISO8601")
FRAMES = {
    "one type, by columns": pd.DataFrame({"a": [1.5, math.nan], "b": [2.0, 3.0]}),
    "one type, by rows": pd.DataFrame(np.arange(6.0).reshape(2, 3), columns=[*"abc"]),
    "one column by rows": pd.DataFrame(np.arange(4).reshape(4, 1)),
    "slices": pd.DataFrame({"a": np.arange(10), "b": [*"abcdefghij"]}).iloc[3:9:2],
    "booleans": pd.DataFrame({"a": [True, False]}),
    "mixed": pd.DataFrame({"n": N, "x": [0.5, None, 1.5], "t": ["a", None, "é\U0001f600"], "b": [True, False, True]}),
    "objects that are words": pd.DataFrame({"t": pd.Series(["a", "b", ""], dtype=object), "u": pd.Series(["a", None, "b"], dtype=object)}),
    "words and NaN": pd.DataFrame({"t": pd.Series(["a", math.nan, "b"], dtype=object)}),
    "half a surrogate": pd.DataFrame({"t": pd.Series(["a", "\ud800", "b"], dtype=object)}),
    "cells": pd.DataFrame({"o": pd.Series([1, "a", None, math.nan, (1, 2), [3], {"k": {1: 2}}, {4}, b"\0", pd.NA, pd.NaT], dtype=object)}),
    "dates": pd.DataFrame({"d": [datetime.date(2024, 1, 1), None], "m": [decimal.Decimal("1.10"), decimal.Decimal("NaN")]}).iloc[:1],
    "moments in cells": pd.DataFrame({"o": pd.Series([pd.Timestamp("2024-01-01", tz="Asia/Tokyo"), pd.Timedelta("1D"), 1], dtype=object)}),
    "times": pd.DataFrame({"w": WHEN, "s": WHEN.as_unit("s"), "d": WHEN - WHEN[0]}),
    "zones": pd.DataFrame({"u": WHEN.tz_localize("UTC"), "b": WHEN.tz_localize("Europe/Berlin"), "o": WHEN.tz_localize("+03:00")}),
    "nullable": pd.DataFrame(
        {
            "i": pd.array([1, None, 3], dtype="Int64"),
            "u": pd.array([1, None, 3], dtype="UInt8"),
            "f": pd.array([1.5, None, 3], dtype="Float32"),
            "b": pd.array([True, None, False], dtype="boolean"),
        }
    ),
    "strings": pd.DataFrame({"s": pd.array(["a", None, "b"], dtype="string"), "p": pd.array(["a", None, "b"], dtype="string[python]")}),
    "categories": pd.DataFrame(
        {
            "c": pd.Categorical(["b", None, "a"], categories=["b", "a", "z"], ordered=True),
            "n": pd.Categorical([3, 1, 3]),
            "w": pd.Categorical(pd.to_datetime(["2024-01-01"] * 3, utc=True)),
        }
    ),
    "periods and intervals": pd.DataFrame({"p": pd.period_range("2024-01", periods=3, freq="M"), "i": pd.interval_range(0, 3)}),
    "named index": pd.DataFrame({"a": N}, index=pd.Index(["x", "y", "x"], name="key")),
    "range": pd.DataFrame({"a": N}, index=pd.RangeIndex(5, 11, 2, name="r")),
    "dated index": pd.DataFrame({"a": N}, index=pd.date_range("2024-01-01", periods=3, freq="D", tz="UTC", name="day")),
    "levels": pd.DataFrame({"a": N, "b": [*"xyz"], "c": WHEN}).set_index(["b", "c"]),
    "levels without names": pd.DataFrame({"a": N}, index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2), ("a", None)])),
    "levels of columns": pd.DataFrame(np.zeros((2, 4)), columns=pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["l", None])),
    "columns of one name": pd.DataFrame([[1, "a", 2.5], [2, "b", 3.5]], columns=["x", "x", "y"]),
    "columns with odd names": pd.DataFrame([[1, 2, 3, 4]], columns=pd.Index(["x", 1, None, ("a", 2)], tupleize_cols=False)),
    "columns that are dates": pd.DataFrame([[1, 2]], columns=pd.to_datetime(["2024-01-01", "2024-02-01"])),
    "no rows": pd.DataFrame({"a": pd.Series([], dtype="Int64"), "t": pd.Series([], dtype=object), "s": pd.Series([], dtype="string")}),
    "no columns": pd.DataFrame(index=[1, 2]),
    "nothing": pd.DataFrame(),
    "complex": pd.DataFrame({"z": [1j, 2 + 1j], "h": np.array([1, 2], np.float16)}),
    "wide": pd.DataFrame({f"c{number}": [number] if number % 2 else [str(number)] for number in range(130)}),
}
CELLS = pd.Series(["x"] * 25_000 + [None], dtype="string")


def opener(folder: Path) -> Callable[[str], Any]:
    return lambda name: ((folder / name).open("rb", buffering=0), (folder / name).stat().st_size)


def crossed(value: Any, folder: Path, *, exact: bool = True, pickles: str = "", trusted: bool = False) -> Any:
    problems = leave({"value": value}, str(folder), exact=exact, pickles=pickles)
    for problem in problems.values():
        raise problem
    values, unread = take(["value"], opener(folder), trusted=trusted)
    for error in unread.values():
        raise error
    return values["value"]


@pytest.fixture(params=["with pyarrow", "without"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "without":
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    else:
        pytest.importorskip("pyarrow")
    return str(request.param)


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_a_frame_is_the_same_afterwards(frame: pd.DataFrame, library: str, tmp_path: Path) -> None:
    after = crossed(frame, tmp_path)
    pd.testing.assert_frame_equal(after, frame, check_column_type="exact")
    objects = [place for place, dtype in enumerate(frame.dtypes) if str(dtype) == "object"]
    assert [[*map(type, after.iloc[:, place])] for place in objects] == [[*map(type, frame.iloc[:, place])] for place in objects]


def test_a_frame_is_a_copy_that_can_be_changed(tmp_path: Path) -> None:
    before = pd.DataFrame({"a": [1, 2], "t": ["x", "y"]})
    after = crossed(before, tmp_path)
    after.loc[0] = [9, "z"]
    assert (before.loc[0].tolist(), after.loc[0].tolist()) == ([1, "x"], [9, "z"])


def test_many_strings_cross(library: str, tmp_path: Path) -> None:
    pd.testing.assert_series_equal(crossed(CELLS, tmp_path), CELLS)
    objects = CELLS.astype(object)
    pd.testing.assert_series_equal(crossed(objects, tmp_path), objects)
    pd.testing.assert_series_equal(crossed(CELLS[5:-5], tmp_path), CELLS[5:-5])


def test_attributes_cross_where_they_are_plain(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1]})
    frame.attrs = {"source": "penguins", "rows": [1]}
    assert crossed(frame, tmp_path).attrs == frame.attrs
    frame.attrs["odd"] = object()
    assert crossed(frame, tmp_path, exact=False).attrs == {}
    with pytest.raises(Foreign):
        crossed(frame, tmp_path)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(24).reshape(2, 3, 4)[:, ::2].transpose(2, 0, 1),
        np.array(5),
        np.zeros((0, 3)),
        np.array([True, False]),
        np.array(["a", "bc"]),
        np.array([b"a", b"bc"]),
        np.array(["2024-01-01"], "M8[D]"),
        np.array([(1, 2.5)], dtype=[("a", ">i4"), ("b", "f8", (1,))]),
        np.array([1j], ">c16"),
        np.array([[1, "a"], [None, (1,)]], dtype=object),
    ],
    ids=repr,
)
def test_an_array_is_the_same_afterwards(array: np.ndarray, tmp_path: Path) -> None:
    after = crossed(array, tmp_path)
    assert (type(after), after.dtype, after.shape, after.tolist()) == (np.ndarray, array.dtype, array.shape, array.tolist())
    assert after.flags.writeable


PLAIN = {
    "nested": {"a": [1, (2, {3}), frozenset({4})], "b": {1: {"kind": "dict"}, (1, 2): None}, "kind": "pickle"},
    "times": [datetime.datetime(2024, 1, 1, 12), datetime.date(2024, 1, 1), datetime.timedelta(1, 2, 3), decimal.Decimal("1.10")],
    "bytes": [b"\0\xff", bytearray(b"x"), ""],
    "numbers": [True, 2**70, 1.5, math.inf, -0.0, 1 + 2j],
    "frames": {"train": [pd.Timestamp("2024-01-01", tz="UTC")], "n": pd.NaT, "m": pd.Timedelta("1h"), "p": pd.Period("2024-01", "M")},
}


@pytest.mark.parametrize("value", PLAIN.values(), ids=PLAIN)
def test_plain_data_are_the_same_afterwards(value: Any, tmp_path: Path) -> None:
    after = crossed(value, tmp_path)
    assert repr(after) == repr(value)


def test_frames_in_a_dictionary_cross(tmp_path: Path) -> None:
    after = crossed({"train": FRAMES["mixed"], "rest": [FRAMES["zones"]["b"], FRAMES["levels"].index]}, tmp_path)
    pd.testing.assert_frame_equal(after["train"], FRAMES["mixed"])
    pd.testing.assert_series_equal(after["rest"][0], FRAMES["zones"]["b"])
    pd.testing.assert_index_equal(after["rest"][1], FRAMES["levels"].index)


class Odd:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Odd)

    __hash__ = None  # type: ignore[assignment]


def test_an_object_crosses_by_a_pickle_that_was_allowed_and_is_trusted(tmp_path: Path) -> None:
    with pytest.raises(Foreign, match=r"a .*Odd"):
        crossed([Odd()], tmp_path, pickles="tables")
    assert crossed([Odd()], tmp_path, pickles="all", trusted=True) == [Odd()]
    with pytest.raises(ValueError, match="a pickle, which is not opened here"):
        crossed([Odd()], tmp_path, pickles="all")


def test_a_table_of_a_kind_that_is_not_known_is_pickled_on_the_way_in_and_refused_on_the_way_out(tmp_path: Path) -> None:
    frame = pd.DataFrame({"s": pd.arrays.SparseArray([0, 1])})
    pd.testing.assert_frame_equal(crossed(frame, tmp_path, pickles="tables", trusted=True), frame)
    with pytest.raises(TypeError, match=r"Sparse\[int64, 0\]"):
        crossed(frame, tmp_path)


def test_what_does_not_cross_does_not_keep_the_others_back(tmp_path: Path) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    problems = leave({"odd": Odd(), "deep": deep, "n": 1}, str(tmp_path), exact=False)
    values, unread = take(["odd", "deep", "n"], opener(tmp_path), trusted=False)
    assert (values, unread, [*problems]) == ({"n": 1}, {}, ["odd", "deep"])


class Bomb:
    def __reduce__(self) -> Any:
        return (exec, ("raise SystemExit('exploded')",))


def _array(dtype: Any, *shape: int, order: str = "C") -> dict[str, Any]:
    return {"kind": "ndarray", "data": {"dtype": dtype, "shape": list(shape), "order": order}}


def _text(offsets: int, data: int) -> dict[str, Any]:
    return {"offsets": _array("<i8", offsets)["data"], "data": _array("|u1", data)["data"]}


HOSTILE: dict[str, tuple[Any, bytes]] = {
    "a pickle": ({"kind": "pickle", "data": _array("|u1", 64)["data"]}, pickle.dumps(Bomb())),
    "pointers": (_array("|O", 1), b"\1" * 8),
    "pointers in a record": (_array([["a", "|O"]], 1), b"\1" * 8),
    "pointers in a word": (_array("i4,O", 1), b"\1" * 12),
    "more than there is": (_array("<f8", 1 << 40), b"1" * 8),
    "nothing, many times": (_array("|V0", 1 << 40), b""),
    "empty texts, many times": (_array("<U0", 1 << 40), b""),
    "a negative length": (_array("<f8", -1, -1), b"1" * 8),
    "a length that is none": ({"kind": "ndarray", "data": {"dtype": "<f8", "shape": ["x"], "order": "C"}}, b""),
    "a type that is none": (_array("no such type", 1), b"1" * 8),
    "a type without end": (_array([["a" * 30_000, "<f8"]], 1), b"1" * 8),
    "an unknown kind": ({"kind": "os.system", "items": ["ls"]}, b""),
    "no kind": ({"class": "os.system"}, b""),
    "texts beyond their bytes": (
        {"kind": "Series", "name": None, "index": {"kind": "RangeIndex", "range": [0, 1, 1], "name": None}}
        | {"data": {"kind": "words", "text": _text(2, 1), "na": "None"}},
        np.array([0, 1 << 40]).tobytes() + b"x",
    ),
    "texts that go back": (
        {"kind": "Series", "name": None, "index": {"kind": "RangeIndex", "range": [0, 2, 1], "name": None}}
        | {"data": {"kind": "words", "text": _text(3, 1), "na": "None"}},
        np.array([0, 5, 1]).tobytes() + b"x",
    ),
    "bytes that are no text": (
        {"kind": "Series", "name": None, "index": {"kind": "RangeIndex", "range": [0, 1, 1], "name": None}}
        | {"data": {"kind": "text", "text": _text(2, 1), "storage": "pyarrow", "na": "NA"}},
        np.array([0, 1]).tobytes() + b"\xff",
    ),
    "a zone that is a file": (
        {"kind": "Series", "name": None, "index": {"kind": "RangeIndex", "range": [0, 1, 1], "name": None}}
        | {"data": {"kind": "zoned", "data": _array("<i8", 1)["data"], "unit": "ns", "zone": "dateutil//usr/share/zoneinfo/Asia/Tokyo"}},
        np.array([0]).tobytes(),
    ),
    "codes beyond their categories": (
        {"kind": "Series", "name": None, "index": {"kind": "RangeIndex", "range": [0, 1, 1], "name": None}}
        | {
            "data": {
                "kind": "category",
                "categories": {"kind": "RangeIndex", "range": [0, 1, 1], "name": None},
                "codes": _array("|i1", 1)["data"],
                "ordered": False,
            }
        },
        b"\7",
    ),
    "more rows than its index": (
        {"kind": "DataFrame", "index": {"kind": "RangeIndex", "range": [0, 9, 1], "name": None}}
        | {"columns": {"kind": "RangeIndex", "range": [0, 1, 1], "name": None}, "grid": _array("|i1", 1, 1)["data"]},
        b"\7",
    ),
}


def _range(*limits: int) -> dict[str, Any]:
    return {"kind": "RangeIndex", "range": [*limits, 1], "name": None}


def _series(data: dict[str, Any], rows: int = 1) -> dict[str, Any]:
    return {"kind": "Series", "name": None, "index": _range(0, rows), "data": data}


FAR = 10**15
"""As many numbers as no machine holds: where one is made of each, there is an error of another kind, or none any more."""
HOSTILE |= {
    "intervals between ranges": (_series({"kind": "intervals", "ends": [_range(0, FAR), _range(1, FAR + 1)], "closed": "right"}, FAR), b""),
    "a range of categories": (
        _series({"kind": "category", "categories": _range(0, FAR), "codes": _array("|i1", 1)["data"], "ordered": False}),
        b"\0",
    ),
    "a range as a level": ({"kind": "MultiIndex", "names": [None], "levels": [_range(0, FAR)], "codes": [_array("|i1", 1)["data"]]}, b"\0"),
    "a frame of columns alone": (
        {"kind": "DataFrame", "index": _range(0, 0), "columns": _range(0, FAR), "grid": _array("<f8", 0, FAR)["data"]},
        b"",
    ),
    "one value for many rows": (_series({"kind": "plain", "data": _array("<f8")["data"]}, FAR), b"12345678"),
    "one value for a frame": (
        {"kind": "DataFrame", "index": _range(0, FAR), "columns": _range(0, 1), "grid": _array("<f8")["data"]},
        b"12345678",
    ),
    "numbers that are no characters": (_array("<U1", 2), b"a\0\0\0\xff\xff\xff\xff"),
    "numbers that are no characters, in a record": (_array([["a", "|i1"], ["b", ">U1", [2]]], 1), b"1\0\0\0a\0\x11\0\0"),
    "numbers of one hash in a set": ({"kind": "set", "items": [(2**61 - 1) * number for number in range(1_000)]}, b""),
    "numbers of one hash as keys": ({"kind": "pairs", "items": [[(2**61 - 1) * number, 0] for number in range(1_000)]}, b""),
}


@pytest.mark.parametrize(("node", "data"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_folder_is_an_error_and_nothing_else(node: Any, data: bytes, library: str, tmp_path: Path) -> None:
    (tmp_path / "0.bin").write_bytes(data)
    (tmp_path / LISTING).write_text(json.dumps({"x": {"file": "0.bin", "value": node}, "y": {"file": "0.bin", "value": 7}}))
    values, problems = take(["x", "y"], opener(tmp_path), trusted=False)
    assert (values, [*problems]) == ({"y": 7}, ["x"])
    assert not isinstance(problems["x"], (MemoryError, OverflowError)), "it was tried"


@pytest.mark.parametrize("listing", ["", "[]", "7", "{", '{"x": 7}', '{"x": {"file": 7}}', "[" * 100_000])
def test_a_listing_that_is_none_is_an_error(listing: str, tmp_path: Path) -> None:
    (tmp_path / LISTING).write_text(listing)
    try:
        values, problems = take(["x"], opener(tmp_path), trusted=False)
    except (ValueError, RecursionError):
        return
    assert (values, [*problems]) == ({}, ["x"])


def test_a_listing_that_grows_is_read_no_further_than_it_was_large(tmp_path: Path) -> None:
    (tmp_path / LISTING).write_text('{"x": {"file": null, "value": 7}}')

    def opened(name: str) -> tuple[Any, int]:
        file, size = opener(tmp_path)(name)
        with (tmp_path / name).open("ab") as more:
            more.write(b" and what a thread of the kernel added" * 1_000)
        return file, size

    assert take(["x"], opened, trusted=False) == ({"x": 7}, {})


def test_data_that_grow_are_read_no_further_than_they_were_large(tmp_path: Path) -> None:
    leave({"x": np.arange(100.0)}, str(tmp_path), exact=True)
    listing = (tmp_path / LISTING).read_text()
    (tmp_path / LISTING).write_text(listing.replace("[100]", "[200]"))

    def opened(name: str) -> tuple[Any, int]:
        file, size = opener(tmp_path)(name)
        with (tmp_path / "0.bin").open("ab") as more:
            more.write(bytes(10_000))
        return file, size if name == LISTING else 800

    values, problems = take(["x"], opened, trusted=False)
    assert (values, [*problems]) == ({}, ["x"])


def test_plain_data_of_too_many_parts_are_not_even_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autogen_jupyter.kernels.parcels.folder.MOST_PARTS", 1_000)
    leave({"x": [[]] * 400}, str(tmp_path), exact=True)
    assert take(["x"], opener(tmp_path), trusted=False)[0] == {"x": [[]] * 400}
    leave({"x": [[]] * 600}, str(tmp_path), exact=True)
    with pytest.raises(ValueError, match="more than 1,000 parts; an array or a DataFrame may be larger"):
        take(["x"], opener(tmp_path), trusted=False)
    assert take(["x"], opener(tmp_path), trusted=True)[0] == {"x": [[]] * 600}


def test_ranges_of_a_fitting_length_cross(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "c": pd.Categorical.from_codes([0, 999], categories=pd.RangeIndex(1_000)),
            "i": pd.arrays.IntervalArray.from_arrays(pd.RangeIndex(2), pd.RangeIndex(1, 3)),
        },
        index=pd.MultiIndex(levels=[pd.RangeIndex(100_000)], codes=[[5, 99_999]]),
    )
    pd.testing.assert_frame_equal(crossed(frame, tmp_path), frame)
    long = pd.DataFrame(index=pd.RangeIndex(10**12))
    assert crossed(long, tmp_path).shape == long.shape
