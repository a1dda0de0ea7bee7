"""Columns of Arrow from bytes and numbers: for a list pyarrow imports pandas, which takes longer than to read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

_EPOCH = date(1970, 1, 1).toordinal()
_TYPES = {"date": pa.date32(), "bigint": pa.int64(), "integer": pa.int32()}


def of(values: Sequence[Any], data_type: str) -> pa.Array:
    """A column of values of which any may be None: dates, whole numbers, or text where the type is none of these."""
    known = np.array([value is not None for value in values], bool)
    arrow = _TYPES.get(data_type)
    if arrow is None:
        text = [b"" if value is None else str(value).encode("utf-8") for value in values]
        offsets = np.cumsum([0, *map(len, text)], dtype=np.int64)
        return _made(pa.large_string(), known, offsets, b"".join(text))
    if data_type == "date":
        values = [None if value is None else value.toordinal() - _EPOCH for value in values]
    return numbers(np.array([0 if value is None else value for value in values]), data_type, known)


def numbers(values: Any, data_type: str, known: Any = None) -> pa.Array:
    """A column of whole numbers, or of dates as days since 1970."""
    arrow = _TYPES[data_type]
    return _made(arrow, _all(values, known), np.ascontiguousarray(values, f"i{arrow.bit_width // 8}"))


def fixed(text: Any) -> pa.Array:
    """A column of texts of one length, from a row of bytes for each."""
    rows, width = text.shape
    offsets = np.arange(rows + 1, dtype=np.int64) * width
    return _made(pa.large_string(), _all(text, None), offsets, np.ascontiguousarray(text))


def views(found: Any, known: Any, text: bytes) -> pa.Array:
    """A column of views (two words for each) of a text that stays where it is."""
    return _made(pa.string_view(), known, np.ascontiguousarray(found), text)


def _all(values: Any, known: Any) -> Any:
    return np.ones(len(values), bool) if known is None else known


def _made(arrow: pa.DataType, known: Any, *buffers: Any) -> pa.Array:
    valid = None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))
    return pa.Array.from_buffers(arrow, len(known), [valid, *map(pa.py_buffer, buffers)])
