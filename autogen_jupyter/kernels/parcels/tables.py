"""Tables of pandas and arrays of numpy: column by column, each by what its type is made of."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any

from .streams import Foreign, Reader, Text, Unfit, Writer, load_arrow

__all__ = ["PACKS", "UNPACKS"]

FEW = 100
"""Columns that may stay apart; more are put together by type, or the frame would be slow."""

Pack = Callable[[Any, Writer], Any]
Unpack = Callable[[Any, Reader], Any]


def pack_array(array: Any, out: Writer, pack: Pack) -> dict[str, Any]:
    import numpy as np

    if type(array) not in (np.ndarray, np.memmap):
        raise _another(array)
    if array.dtype.kind != "O":
        return {"kind": "ndarray", "data": out.array(array)}
    cells = [pack(cell, out) for cell in array.ravel().tolist()]
    return {"kind": "objects", "shape": list(array.shape), "cells": cells}


def unpack_objects(node: Any, source: Reader, unpack: Unpack) -> Any:
    return _cells(node["cells"], source, unpack).reshape([int(side) for side in node["shape"]])


def _cells(nodes: Any, source: Reader, unpack: Unpack) -> Any:
    import numpy as np

    cells = np.empty(len(nodes), dtype=object)
    for place, node in enumerate(nodes):  # not by a slice: numpy would take lists of one length for rows
        cells[place] = unpack(node, source)
    return cells


def pack_moment(value: Any, out: Writer, pack: Pack) -> dict[str, Any]:
    """Take one moment, duration, period or interval of pandas's as a row of a column."""
    pd = _pandas()
    if value is pd.NA or value is pd.NaT:
        return {"kind": "NA" if value is pd.NA else "NaT"}
    return {"kind": "moment", "data": pack_values(pd.Index([value]).array, out, pack)}


def pack_frame(frame: Any, out: Writer, pack: Pack) -> dict[str, Any]:
    pd = _pandas()
    if type(frame) is not pd.DataFrame:
        raise _another(frame)
    node = {"kind": "DataFrame", "index": pack_index(frame.index, out, pack), "columns": pack_index(frame.columns, out, pack)}
    node |= _attributes(frame, out, pack)
    dtypes = set(frame.dtypes)
    dtype = dtypes.pop() if len(dtypes) == 1 else None
    if dtype is not None and isinstance(dtype.type, type) and getattr(dtype, "kind", "O") in "biufcmM" and not _is_extension(dtype):
        return {**node, "grid": _pack_grid(frame, out)}
    return {**node, "data": [pack_values(frame.iloc[:, place].array, out, pack) for place in range(frame.shape[1])]}


def _pack_grid(frame: Any, out: Writer) -> dict[str, Any]:
    """Write a frame of one type without copying it, whichever way it lies in memory."""
    import numpy as np

    columns = [frame.iloc[:, place].to_numpy() for place in range(frame.shape[1])]
    if not columns[0].flags.c_contiguous:
        return out.array(frame.to_numpy())
    for column in columns:
        out.array(column)
    return {"dtype": np.lib.format.dtype_to_descr(columns[0].dtype), "shape": list(frame.shape), "order": "F"}


def unpack_frame(node: Any, source: Reader, unpack: Unpack) -> Any:
    pd = _pandas()
    index, columns = unpack_index(node["index"], source, unpack), unpack_index(node["columns"], source, unpack)
    attributes = unpack(node.get("attrs"), source)
    source.stand_for(len(columns))
    if "grid" in node:
        grid = source.array(node["grid"])
        if grid.ndim != 2 or len(grid) != len(index):
            raise ValueError("a frame has another number of rows than its index")
        frame = pd.DataFrame(grid, index=index, copy=False)
    else:
        found = [_column(one, source, unpack, index) for one in node["data"]]
        frame = pd.DataFrame(dict(enumerate(found)), index=index, copy=len(found) > FEW)
    if frame.shape[1] != len(columns):
        raise ValueError("a frame has another number of columns than names for them")
    frame.columns = columns
    return _with_attributes(frame, attributes)


def pack_series(series: Any, out: Writer, pack: Pack) -> dict[str, Any]:
    pd = _pandas()
    if type(series) is not pd.Series:
        raise _another(series)
    node = {"kind": "Series", "name": pack(series.name, out), "index": pack_index(series.index, out, pack)}
    return {**node, **_attributes(series, out, pack), "data": pack_values(series.array, out, pack)}


def unpack_series(node: Any, source: Reader, unpack: Unpack) -> Any:
    name, index, attributes = unpack(node["name"], source), unpack_index(node["index"], source, unpack), unpack(node.get("attrs"), source)
    series = _column(node["data"], source, unpack, index)
    series.name = name
    return _with_attributes(series, attributes)


def _column(node: Any, source: Reader, unpack: Unpack, index: Any) -> Any:
    pd = _pandas()
    values = unpack_values(node, source, unpack)
    if values.ndim != 1 or len(values) != len(index):  # pandas would repeat a single value
        raise ValueError("a column has another number of rows than its index")
    return pd.Series(values, index=index, dtype=values.dtype, copy=False)


def _attributes(table: Any, out: Writer, pack: Pack) -> dict[str, Any]:
    if not table.attrs:
        return {}
    began = out.file.tell()
    try:
        return {"attrs": pack(dict(table.attrs), out)}
    except Unfit:
        if out.exact:
            raise
        out.file.seek(began)
        out.file.truncate()
        return {}


def _with_attributes(table: Any, attributes: Any) -> Any:
    if isinstance(attributes, dict):
        table.attrs = attributes
    return table


def pack_index(index: Any, out: Writer, pack: Pack) -> dict[str, Any]:
    pd = _pandas()
    if type(index) is pd.RangeIndex:
        return {"kind": "RangeIndex", "range": [index.start, index.stop, index.step], "name": pack(index.name, out)}
    if type(index) is pd.MultiIndex:
        names = [pack(name, out) for name in index.names]
        levels = [pack_index(level.rename(None), out, pack) for level in index.levels]
        return {"kind": "MultiIndex", "names": names, "levels": levels, "codes": [out.array(_own(codes)) for codes in index.codes]}
    if type(index).__module__.split(".")[0] != "pandas":
        raise _another(index)
    node = {"kind": "Index", "name": pack(index.name, out), "data": pack_values(index.array, out, pack)}
    freq = getattr(index, "freqstr", None)
    return {**node, "freq": freq} if freq and type(index) is not pd.PeriodIndex else node


def unpack_index(node: Any, source: Reader, unpack: Unpack) -> Any:
    pd = _pandas()
    if node["kind"] == "RangeIndex":
        return pd.RangeIndex(*map(int, node["range"]), name=unpack(node["name"], source))
    if node["kind"] == "MultiIndex":
        names = [unpack(name, source) for name in node["names"]]
        levels = [_unpack_written(level, source, unpack) for level in node["levels"]]
        codes = [source.array(one) for one in node["codes"]]
        return pd.MultiIndex(levels=levels, codes=codes, names=names)  # it checks that they fit each other
    if node["kind"] != "Index":
        raise ValueError("an index of an unknown kind")
    name, values = unpack(node["name"], source), unpack_values(node["data"], source, unpack)
    index = pd.Index(values, dtype=values.dtype, name=name, copy=False, tupleize_cols=False)
    return type(index)(index, freq=str(node["freq"])) if node.get("freq") else index


def pack_values(values: Any, out: Writer, pack: Pack) -> dict[str, Any]:  # noqa: PLR0911 - one for each kind of column
    """Take a column's values: an array of pandas's."""
    pd = _pandas()
    dtype = values.dtype
    if type(values) is pd.arrays.NumpyExtensionArray:
        return _pack_plain(values.to_numpy(), out, pack)
    if isinstance(dtype, pd.CategoricalDtype):
        categories = pack_index(dtype.categories, out, pack)
        return {"kind": "category", "categories": categories, "codes": out.array(_own(values.codes)), "ordered": bool(dtype.ordered)}
    if isinstance(dtype, pd.DatetimeTZDtype):
        return {"kind": "zoned", "data": out.array(_own(values.asi8)), "unit": dtype.unit, "zone": _zone(dtype.tz)}
    if isinstance(dtype, pd.PeriodDtype):
        return {"kind": "periods", "data": out.array(_own(values.asi8)), "freq": str(dtype)[len("period[") : -1]}
    if isinstance(dtype, pd.IntervalDtype):
        ends = [pack_index(pd.Index(end), out, pack) for end in (values.left, values.right)]
        return {"kind": "intervals", "ends": ends, "closed": dtype.closed}
    if isinstance(dtype, pd.StringDtype):
        text = out.text(values, values.isna())
        return {"kind": "text", "text": text, "storage": dtype.storage, "na": "NA" if dtype.na_value is pd.NA else "nan"}
    if not _is_extension(dtype):
        return _pack_plain(values.to_numpy(), out, pack)
    if str(dtype) in _MASKED:
        return {"kind": "nullable", "data": out.array(_own(values.to_numpy(dtype.numpy_dtype, na_value=0))), "na": out.array(values.isna())}
    raise Unfit(f"a column of the type {dtype}")


_MASKED = {"boolean", "Float32", "Float64", *(f"{kind}{bits}" for kind in ("Int", "UInt") for bits in (8, 16, 32, 64))}


def _pack_plain(values: Any, out: Writer, pack: Pack) -> dict[str, Any]:
    pd = _pandas()
    if values.dtype.kind != "O":
        return {"kind": "plain", "data": out.array(_own(values))}
    missing = pd.isna(values)
    if pd.api.types.infer_dtype(values, skipna=True) == "string":
        fills = {"None" if one is None else "nan" if type(one) is float else "" for one in values[missing]}
        if len(fills) < 2 and "" not in fills:
            return {"kind": "words", "text": out.text(values, missing), "na": fills.pop() if fills else "None"}
    return {"kind": "cells", "cells": [pack(cell, out) for cell in values.tolist()]}


def _unpack_written(node: Any, source: Reader, unpack: Unpack) -> Any:
    """Return an index of which each number will be looked at, or kept; a range alone costs nothing until then."""
    index = unpack_index(node, source, unpack)
    if node["kind"] == "RangeIndex":
        source.stand_for(len(index))
    return index


def unpack_values(node: Any, source: Reader, unpack: Unpack) -> Any:
    """Return a column's values, as pandas takes them."""
    kind = str(node["kind"])
    if kind == "cells":
        return _cells(node["cells"], source, unpack)
    if kind == "category":
        return _categorical(node, source, unpack)
    if kind == "intervals":
        pd = _pandas()
        left, right = (_unpack_written(end, source, unpack) for end in node["ends"])
        return pd.arrays.IntervalArray.from_arrays(left, right, closed=str(node["closed"]))
    if kind not in _VALUES:
        raise ValueError(f"a column of an unknown kind: {kind:.80}")
    return _VALUES[kind](node, source)


def _categorical(node: Any, source: Reader, unpack: Unpack) -> Any:
    pd = _pandas()
    categories = _unpack_written(node["categories"], source, unpack)
    dtype = pd.CategoricalDtype(categories, ordered=bool(node["ordered"]))
    return pd.Categorical.from_codes(source.array(node["codes"]), dtype=dtype)  # it checks the codes


def _zoned(node: Any, source: Reader) -> Any:
    pd = _pandas()
    if not re.fullmatch(r"(?!dateutil)[\w+:/-]{1,64}", str(node["zone"])):  # some names would have pandas open files
        raise ValueError("times in an unknown zone")
    values = source.array(node["data"]).view(f"M8[{_unit(node['unit'])}]")
    return pd.DatetimeIndex(values).tz_localize("UTC").tz_convert(str(node["zone"])).array


def _periods(node: Any, source: Reader) -> Any:
    pd = _pandas()
    return pd.arrays.PeriodArray(source.array(node["data"]).astype("i8"), dtype=pd.PeriodDtype(str(node["freq"])))


def _nullable(node: Any, source: Reader) -> Any:
    pd = _pandas()
    values, missing = source.array(node["data"]), source.array(node["na"])
    if values.dtype.kind not in "biuf" or missing.dtype != bool or values.shape != missing.shape:
        raise ValueError("a column whose missing values do not fit it")
    kinds = {"b": pd.arrays.BooleanArray, "f": pd.arrays.FloatingArray}
    return kinds.get(values.dtype.kind, pd.arrays.IntegerArray)(values, missing)


def _text(node: Any, source: Reader) -> Any:
    pd = _pandas()
    text = source.text(node["text"])
    fill = pd.NA if node["na"] == "NA" else float("nan")
    dtype = _string_dtype(str(node["storage"]), fill)
    arrow = load_arrow(len(text.offsets))
    if arrow is not None and getattr(dtype, "storage", "") == "pyarrow":
        try:
            return dtype.__from_arrow__(text.as_arrow(arrow))
        except ValueError:  # lone surrogates
            dtype = _string_dtype("python", fill)
    return pd.array(text.as_objects(fill), dtype=dtype)


def _string_dtype(storage: str, fill: Any) -> Any:
    """Return pandas's type for texts: the same, or where pandas is older or has no pyarrow, the nearest."""
    pd = _pandas()
    for options in ({"storage": storage, "na_value": fill}, {"storage": "python", "na_value": fill}, {"storage": "python"}):
        try:
            return pd.StringDtype(**options)
        except (ImportError, TypeError, ValueError):  # noqa: PERF203 - three tries
            continue
    return pd.StringDtype()


def _words(node: Any, source: Reader) -> Any:
    text: Text = source.text(node["text"])
    return text.as_objects(None if node["na"] == "None" else float("nan"))


_VALUES: dict[str, Callable[[Any, Reader], Any]] = {
    "plain": lambda node, source: source.array(node["data"]),
    "zoned": _zoned,
    "periods": _periods,
    "nullable": _nullable,
    "text": _text,
    "words": _words,
}


def _another(table: Any) -> Unfit:
    """Say what a subclass of a table is; those of pandas and numpy themselves are known."""
    kind = type(table)
    known = kind.__module__.split(".")[0] in ("pandas", "numpy")
    return (Unfit if known else Foreign)(f"a {kind.__module__}.{kind.__qualname__}")


def _is_extension(dtype: Any) -> bool:
    import numpy as np

    return not isinstance(dtype, np.dtype)


def _pandas() -> Any:
    return importlib.import_module("pandas")


def _own(values: Any) -> Any:
    import numpy as np

    return np.asarray(values)


def _zone(zone: Any) -> str:
    """Return a time zone's name, from which pandas makes the same again."""
    pd = _pandas()
    name = str(zone)
    try:
        if pd.DatetimeTZDtype(tz=name).tz == zone:
            return name
    except Exception as error:  # whatever a library for zones raises
        raise Unfit(f"times in the zone {name!r}") from error
    raise Unfit(f"times in the zone {name!r}")


def _unit(unit: Any) -> str:
    if unit not in ("s", "ms", "us", "ns"):
        raise ValueError("times of an unknown unit")
    return str(unit)


PACKS: dict[str, Callable[[Any, Writer, Pack], Any]] = {
    "DataFrame": pack_frame,
    "Series": pack_series,
    "Index": pack_index,
    "ndarray": pack_array,
    "moment": pack_moment,
}

UNPACKS: dict[str, Callable[[Any, Reader, Unpack], Any]] = {
    "DataFrame": unpack_frame,
    "Series": unpack_series,
    "Index": unpack_index,
    "MultiIndex": unpack_index,
    "RangeIndex": unpack_index,
    "ndarray": lambda node, source, unpack: source.array(node["data"]),
    "objects": unpack_objects,
    "moment": lambda node, source, unpack: _pandas().Index(unpack_values(node["data"], source, unpack))[0],
    "NA": lambda node, source, unpack: _pandas().NA,
    "NaT": lambda node, source, unpack: _pandas().NaT,
}
