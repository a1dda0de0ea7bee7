"""What every function here does with its arguments first: numbers as arrays of floats, and the broken rule by its
name.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]


def numbers(
    name: str, values: ArrayLike, *, least: float = -math.inf, most: float = math.inf, missing: bool = True
) -> Numbers:
    """`values` as floats of the same shape, each finite, from `least` to `most`, or NaN where `missing` is allowed.

    A masked value is a missing one: so DuckDB hands over a null. Raises ValueError, with the name and the rule alone,
    where the values break it.
    """
    try:
        array = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: must be numbers, in an even shape") from None
    if not missing and np.isnan(array).any():
        raise ValueError(f"{name}: no value may be missing")
    if np.isinf(array).any():
        raise ValueError(f"{name}: must be finite")
    if (array < least).any():
        raise ValueError(f"{name}: must be at least {least:g}")
    if (array > most).any():
        raise ValueError(f"{name}: must be at most {most:g}")
    return array


def counts(name: str, values: ArrayLike, *, missing: bool = True) -> Numbers:
    """Counts of people or events: from 0, fractional allowed."""
    return numbers(name, values, least=0.0, missing=missing)


def positive(name: str, values: ArrayLike) -> Numbers:
    """Numbers above 0, none missing."""
    array = counts(name, values, missing=False)
    if (array == 0).any():
        raise ValueError(f"{name}: must be above 0")
    return array


def vector(name: str, array: Numbers, least: int = 1) -> Numbers:
    """`array` where it is a single row of at least `least` values."""
    if array.ndim != 1:
        raise ValueError(f"{name}: must be one row of values")
    if array.size < least:
        raise ValueError(f"{name}: needs at least {least} values")
    return array


def same_length(**arrays: NDArray) -> None:
    """Raises ValueError where the shapes of the named arrays differ."""
    if len({array.shape for array in arrays.values()}) > 1:
        raise ValueError(f"{' and '.join(arrays)}: must have the same shape")


def together(**arrays: Numbers) -> tuple[Numbers, ...]:
    """The named arrays in the one shape that they broadcast to; ValueError where there is none."""
    try:
        return tuple(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        raise ValueError(f"{' and '.join(arrays)}: shapes must fit each other") from None


def part_of(part_name: str, part: Numbers, whole_name: str, whole: Numbers) -> None:
    """Raises ValueError where a part is larger than its whole."""
    if (part > whole).any():
        raise ValueError(f"{part_name}: must not be larger than {whole_name}")


def tail(confidence: float) -> float:
    """The share left out at each end: 0.025 for 0.95. Raises ValueError outside 0.9 ≤ confidence < 1."""
    if not 0.9 <= confidence < 1:
        raise ValueError("confidence: must be from 0.9 up to, but not including, 1")
    return (1 - confidence) / 2
