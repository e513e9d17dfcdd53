"""Any value that can cross, as JSON that says where its arrays stand in the file; and back."""

from __future__ import annotations

import datetime
import decimal
import pickle
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from . import tables
from .streams import Foreign, Reader, Unfit, Writer

__all__ = ["pack", "table_kind", "unpack"]

_MOST_ALIKE = 100
"""Different items of a set that may have the same hash; of what people keep in sets hardly two do."""
_PLAIN = (str, int, float, bool, type(None))


def pack(value: Any, out: Writer) -> Any:  # noqa: PLR0911 - one for each kind of value
    """Return a value as JSON can hold it, with its arrays written to the file.

    Raises:
        Unfit: it cannot cross.
    """
    if isinstance(value, _PLAIN) and not hasattr(value, "dtype"):
        return value
    kind = table_kind(value)
    if kind:
        return _pack_table(kind, value, out)
    for known, packed in _PACKS:
        if type(value) is known:
            return packed(value, out)
    if hasattr(value, "dtype") and _library(type(value)) == "numpy":
        return _pack_scalar(value, out)
    if isinstance(value, dict):
        return _pack_dict(value, out)
    if isinstance(value, (list, tuple)):
        return _pack_items("list" if isinstance(value, list) else "tuple", value, out)
    return _pickled(value, out) if out.pickles == "all" else _refuse(value)


def unpack(node: Any, source: Reader) -> Any:
    """Return the value that ``pack`` made this of.

    Raises:
        ValueError, TypeError, KeyError: it cannot have been ``pack``.
    """
    if isinstance(node, _PLAIN):
        return node
    if isinstance(node, list):
        return [unpack(item, source) for item in node]
    kind = str(node["kind"])
    if kind in tables.UNPACKS:
        return tables.UNPACKS[kind](node, source, unpack)
    if kind not in _UNPACKS:
        raise ValueError(f"something of an unknown kind: {kind:.80}")
    return _UNPACKS[kind](node, source)


def table_kind(value: object) -> str:
    """Return ``DataFrame``, ``Series``, ``Index``, ``ndarray`` or ``moment`` for these and their subclasses, without importing pandas."""
    for kind in type(value).__mro__:
        library = _library(kind)
        if library in ("pandas", "numpy") and (library, kind.__name__) in _TABLES:
            return _TABLES[library, kind.__name__]
    return ""


_TABLES = {
    ("pandas", "DataFrame"): "DataFrame",
    ("pandas", "Series"): "Series",
    ("pandas", "Index"): "Index",
    ("numpy", "ndarray"): "ndarray",
    **{("pandas", name): "moment" for name in ("Timestamp", "Timedelta", "Period", "Interval", "NaTType", "NAType")},
}


def _library(kind: type) -> str:
    return kind.__module__.split(".")[0]


def _refuse(value: Any) -> Any:
    kind = type(value)
    raise Foreign(f"a {kind.__module__}.{kind.__qualname__}".replace("builtins.", ""))


def _pack_table(kind: str, value: Any, out: Writer) -> Any:
    began = out.file.tell()
    try:
        return tables.PACKS[kind](value, out, pack)
    except Foreign:
        if out.pickles != "all":
            raise
    except Unfit:
        if not out.pickles:
            raise
    out.file.seek(began)
    out.file.truncate()
    return _pickled(value, out)


def _pickled(value: Any, out: Writer) -> dict[str, Any]:
    import numpy as np

    try:
        data = pickle.dumps(value, protocol=5)
    except Exception as error:  # whatever a class of somebody's raises
        raise Unfit(f"a {type(value).__qualname__} that cannot be pickled ({type(error).__name__}: {str(error)[:100]})") from error
    return {"kind": "pickle", "data": out.array(np.frombuffer(data, np.uint8))}


def _unpickle(node: Any, source: Reader) -> Any:
    if not source.trusted:
        raise ValueError("a pickle, which is not opened here")
    return pickle.loads(source.array(node["data"]).tobytes())  # noqa: S301 - the user's own notebook wrote it


def _pack_items(kind: str, value: Any, out: Writer) -> Any:
    items = [pack(item, out) for item in value]
    return items if kind == "list" else {"kind": kind, "items": items}


def _pack_dict(value: Any, out: Writer) -> dict[str, Any]:
    if all(type(key) is str for key in value):
        return {"kind": "dict", "items": {key: pack(item, out) for key, item in value.items()}}
    return {"kind": "pairs", "items": [[pack(key, out), pack(item, out)] for key, item in value.items()]}


def _unpack_pairs(node: Any, source: Reader) -> dict[Any, Any]:
    pairs = [(unpack(key, source), unpack(item, source)) for key, item in node["items"]]
    _check_hashes(key for key, _ in pairs)
    return dict(pairs)


def _unpack_apart(node: Any, source: Reader) -> list[Any]:
    items = [unpack(item, source) for item in node["items"]]
    _check_hashes(items)
    return items


def _check_hashes(items: Iterable[Any]) -> None:
    """Refuse what was made to have one hash: a set or dictionary compares each of these with all others, which takes hours."""
    if max(Counter(map(hash, items)).values(), default=0) > _MOST_ALIKE:
        raise ValueError("a set or dictionary of which too many items have the same hash")


def _pack_scalar(value: Any, out: Writer) -> Any:
    import numpy as np

    if value.dtype.kind in "biufSU":
        return pack(value.item(), out)
    return {"kind": "scalar", "data": out.array(np.asarray(value))}


def _pack_bytes(value: Any, out: Writer) -> dict[str, Any]:
    import numpy as np

    return {"kind": type(value).__name__, "data": out.array(np.frombuffer(value, np.uint8))}


def _pack_text(kind: str, text: Callable[[Any], Any]) -> Callable[[Any, Writer], dict[str, Any]]:
    return lambda value, out: {"kind": kind, "text": text(value)}


def _iso(value: datetime.datetime) -> str:
    if value.tzinfo not in (None, datetime.timezone.utc):
        raise Unfit("a time with a time zone of its own; pandas.Timestamp crosses with its zone")
    return value.isoformat()


_PACKS: tuple[tuple[type, Callable[[Any, Writer], Any]], ...] = (
    (list, lambda value, out: _pack_items("list", value, out)),
    (dict, _pack_dict),
    (tuple, lambda value, out: _pack_items("tuple", value, out)),
    (set, lambda value, out: _pack_items("set", value, out)),
    (frozenset, lambda value, out: _pack_items("frozenset", value, out)),
    (bytes, _pack_bytes),
    (bytearray, _pack_bytes),
    (complex, lambda value, out: {"kind": "complex", "items": [value.real, value.imag]}),
    (datetime.datetime, _pack_text("datetime", _iso)),
    (datetime.date, _pack_text("date", datetime.date.isoformat)),
    (datetime.timedelta, lambda value, out: {"kind": "timedelta", "items": [value.days, value.seconds, value.microseconds]}),
    (decimal.Decimal, _pack_text("Decimal", str)),
)

_UNPACKS: dict[str, Callable[[Any, Reader], Any]] = {
    "pickle": _unpickle,
    "dict": lambda node, source: {key: unpack(item, source) for key, item in node["items"].items()},
    "pairs": _unpack_pairs,
    "tuple": lambda node, source: tuple(unpack(item, source) for item in node["items"]),
    "set": lambda node, source: set(_unpack_apart(node, source)),
    "frozenset": lambda node, source: frozenset(_unpack_apart(node, source)),
    "bytes": lambda node, source: source.array(node["data"]).tobytes(),
    "bytearray": lambda node, source: bytearray(source.array(node["data"]).tobytes()),
    "scalar": lambda node, source: source.array(node["data"])[()],
    "complex": lambda node, source: complex(*map(float, node["items"])),
    "datetime": lambda node, source: datetime.datetime.fromisoformat(node["text"]),
    "date": lambda node, source: datetime.date.fromisoformat(node["text"]),
    "timedelta": lambda node, source: datetime.timedelta(*map(int, node["items"])),
    "Decimal": lambda node, source: decimal.Decimal(node["text"]),
}
