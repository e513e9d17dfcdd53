"""Arrays and texts in a file, one behind the other, and back: their bytes as they are, so that they cross as fast as a file is copied."""

from __future__ import annotations

import importlib
import math
import sys
from dataclasses import dataclass
from typing import Any, BinaryIO

__all__ = ["Foreign", "Reader", "Text", "Unfit", "Writer"]

_KINDS = "biufcmMSUV"
_MANY = 20_000
"""Texts for which it pays to load pyarrow, where it is installed."""
_LONGEST_DTYPE = 20_000
SPARE = 32 << 20
"""Bytes that may be made of ranges beyond those of the file."""


class Unfit(TypeError):  # noqa: N818 - a fact
    """A value that does not cross as data."""


class Foreign(Unfit):
    """A value that is, or holds, an object of a class that is not known here."""


@dataclass(frozen=True)
class Text:
    """Texts as their UTF-8 bytes, with where each begins; ``missing`` says which are no texts."""

    offsets: Any
    data: Any
    missing: Any

    def as_arrow(self, arrow: Any) -> Any:
        """Return them as an Arrow array, checked.

        Raises:
            ValueError: they are no valid texts.
        """
        bits = None if self.missing is None else arrow.py_buffer(_bits(~self.missing))
        buffers = [bits, arrow.py_buffer(self.offsets), arrow.py_buffer(self.data)]
        array = arrow.Array.from_buffers(arrow.large_string(), len(self.offsets) - 1, buffers)
        array.validate(full=True)
        return array

    def as_objects(self, fill: object) -> Any:
        """Return them as an array of Python objects, with ``fill`` for those that are missing."""
        import numpy as np

        count = len(self.offsets) - 1
        arrow = load_arrow(count)
        try:
            found = None if arrow is None else self.as_arrow(arrow).to_numpy(zero_copy_only=False)
        except ValueError:  # lone surrogates, which Arrow does not take
            found = None
        if found is None:
            data, ends = bytes(self.data), self.offsets.tolist()
            found = np.empty(count, dtype=object)
            found[:] = [data[ends[at] : ends[at + 1]].decode("utf-8", "surrogatepass") for at in range(count)]
        elif not found.flags.writeable:
            found = found.copy()
        if self.missing is not None:
            found[self.missing] = fill
        return found


class Writer:
    """Writes to a file.

    Args:
        file: open for writing.
        exact: refuse what would come out as something else, such as a frame whose attributes cannot cross.
        pickles: what may be pickled, of what cannot cross as data: nothing, ``"tables"`` of pandas and numpy, or everything (``"all"``).
    """

    def __init__(self, file: BinaryIO, *, exact: bool, pickles: str = "") -> None:
        self.file = file
        self.exact = exact
        self.pickles = pickles

    def array(self, values: Any) -> dict[str, Any]:
        """Write an array of numbers, times or fixed-size bytes; return what ``Reader.array`` has to know.

        Raises:
            Unfit: it holds Python objects.
        """
        import numpy as np

        if values.dtype.hasobject or values.dtype.kind not in _KINDS:
            raise Unfit(f"an array of {values.dtype}")
        order = "F" if values.ndim > 1 and values.flags.f_contiguous and not values.flags.c_contiguous else "C"
        if values.nbytes:
            self.file.write(np.ascontiguousarray(values.T if order == "F" else values).reshape(-1).view(np.uint8).data)
        return {"dtype": np.lib.format.dtype_to_descr(values.dtype), "shape": list(values.shape), "order": order}

    def text(self, values: Any, missing: Any) -> dict[str, Any]:
        """Write texts.

        Args:
            values: an array, of objects or of pandas's.
            missing: for each whether it is missing.

        Raises:
            Unfit: one is no text.
        """
        missing = missing if missing.any() else None
        offsets, data = _encoded(values, missing)
        node = {"offsets": self.array(offsets), "data": self.array(data)}
        return node if missing is None else {**node, "missing": self.array(missing)}


class Reader:
    """Reads what a ``Writer`` wrote. Nothing that it is told is believed: no more is ever made than the file has bytes, and ``SPARE``.

    Args:
        file: open for reading, unbuffered; None where there are no arrays.
        size: how many of its bytes are read.
        trusted: whether pickles in it may be opened, because the user's own notebook wrote it.
    """

    def __init__(self, file: BinaryIO | None, size: int, *, trusted: bool = False) -> None:
        self.file = file
        self.trusted = trusted
        self.left = size
        self._spare = size + SPARE

    def array(self, node: Any) -> Any:
        """Return the array that stands next.

        Raises:
            ValueError: it cannot be one.
        """
        import numpy as np

        dtype, shape = _dtype(node["dtype"]), tuple(int(side) for side in node["shape"])
        count = math.prod(shape)
        if min(shape, default=0) < 0 or len(shape) > 32 or count * dtype.itemsize > self.left or (count and not dtype.itemsize):
            raise ValueError("an array is said to be larger than the data")
        values = np.empty(count, dtype)
        if count:
            self._fill(values.view(np.uint8).data)
        if dtype.kind == "b":
            values = values.view(np.uint8) != 0
        _check_characters(values)
        return values.reshape(shape[::-1]).T if node["order"] == "F" else values.reshape(shape)

    def stand_for(self, count: int) -> None:
        """Allow for numbers that stand nowhere in the file, because their first and last tell what they are.

        Raises:
            ValueError: they would be far more than what is there.
        """
        self._spare -= 8 * count
        if self._spare < 0 and not self.trusted:
            raise ValueError("a range stands for more numbers than the data have bytes")

    def text(self, node: Any) -> Text:
        """Return the texts that stand next."""
        import numpy as np

        offsets, data = self.array(node["offsets"]), self.array(node["data"])
        missing = self.array(node["missing"]) if "missing" in node else None
        fits = offsets.dtype == np.int64 and offsets.ndim == data.ndim == 1 and data.dtype == np.uint8 and len(offsets)
        if not fits or offsets[0] != 0 or offsets[-1] != len(data) or (offsets[1:] < offsets[:-1]).any():
            raise ValueError("texts do not fit their bytes")
        if missing is not None and (missing.dtype != bool or missing.shape != (len(offsets) - 1,)):
            raise ValueError("texts do not fit what is said of them")
        return Text(offsets, data, missing)

    def _fill(self, room: memoryview) -> None:
        self.left -= len(room)
        while len(room):
            read = self.file.readinto(room)  # type: ignore[union-attr]
            if not read:
                raise ValueError("the data end too early")
            room = room[read:]


def load_arrow(count: int) -> Any:
    """Return pyarrow, where it is installed and pays: it is fast with texts, and takes a while to be loaded."""
    if "pyarrow" not in sys.modules and count < _MANY:
        return None
    try:
        return importlib.import_module("pyarrow")
    except ImportError:
        return None


def _encoded(values: Any, missing: Any) -> tuple[Any, Any]:
    """Return where each text begins in their bytes, and the bytes."""
    import numpy as np

    arrow = load_arrow(len(values))
    if arrow is not None:
        try:
            return _from_arrow(arrow.array(values, type=arrow.large_string(), from_pandas=True))
        except (arrow.ArrowException, UnicodeError, TypeError, ValueError):  # lone surrogates, or no texts at all
            pass
    texts = np.asarray(values, dtype=object)
    if missing is not None:
        texts = np.where(missing, "", texts)
    try:
        pieces = [text.encode("utf-8", "surrogatepass") for text in texts]
    except AttributeError as error:
        raise Unfit("something between texts that is none") from error
    offsets = np.zeros(len(pieces) + 1, np.int64)
    np.cumsum([len(piece) for piece in pieces], out=offsets[1:])
    return offsets, np.frombuffer(b"".join(pieces), np.uint8)


def _from_arrow(found: Any) -> tuple[Any, Any]:
    import numpy as np

    array = found.combine_chunks() if hasattr(found, "combine_chunks") else found
    _, starts, data = array.buffers()
    if not len(array):
        return np.zeros(1, np.int64), np.empty(0, np.uint8)
    offsets = np.frombuffer(starts, np.int64)[array.offset : array.offset + len(array) + 1]
    taken = np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]] if data is not None else np.empty(0, np.uint8)
    return offsets - offsets[0], taken


def _dtype(said: Any) -> Any:
    import numpy as np

    if len(str(said)) > _LONGEST_DTYPE:
        raise ValueError("a type of array that is too long")
    dtype = np.dtype(_as_written(said))
    if dtype.hasobject or dtype.kind not in _KINDS:
        raise ValueError(f"an array of {dtype}")
    return dtype


def _check_characters(values: Any) -> None:
    """Refuse texts of numbers that stand for no character: whoever looked at them would fail."""
    import numpy as np

    dtype = values.dtype
    for name in dtype.names or ():
        _check_characters(values[name])
    if dtype.kind == "U" and values.nbytes:
        numbers = np.ascontiguousarray(values).view(np.dtype(np.uint32).newbyteorder(dtype.byteorder))
        if numbers.max() > sys.maxunicode:
            raise ValueError("texts of numbers that are no characters")


def _as_written(said: Any) -> Any:
    """Return a type's description with the tuples that JSON has made lists of."""
    if not isinstance(said, list):
        return said if isinstance(said, str) else str(said)
    fields = []
    for field in said:
        name, kind, *shape = field
        fields.append((tuple(name) if isinstance(name, list) else name, _as_written(kind), *(tuple(side) for side in shape)))
    return fields


def _bits(flags: Any) -> Any:
    import numpy as np

    return np.packbits(flags, bitorder="little")
