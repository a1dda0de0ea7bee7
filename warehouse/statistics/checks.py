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
    """`values` as floats, each finite, from `least` to `most`, or NaN where `missing` is allowed. A masked value is a
    missing one: so DuckDB hands over a null.

    Shapes: any; the result has the same.
    Units: those of the values.
    Raises ValueError, with the name and the rule alone, for values that are infinite, no numbers, in an uneven shape,
    below `least`, above `most`, or missing where that is not allowed.
    Source: ours: each function begins so, and one wording of each rule can be tested never to say a value.
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
    """Counts of people or events: from 0, fractional allowed.

    Shapes: any; the result has the same.
    Units: people or events.
    Raises ValueError as `numbers`, and below 0.
    Source: ours: standardised and weighted counts are fractional, and equity-methods reference, section 1, has Wilson's
    interval take them.
    """
    return numbers(name, values, least=0.0, missing=missing)


def positive(name: str, values: ArrayLike) -> Numbers:
    """Numbers above 0, none missing.

    Shapes: any; the result has the same.
    Units: those of the values.
    Raises ValueError as `numbers`, for a missing value, and for 0 or less.
    Source: ours: what divides is not 0.
    """
    array = counts(name, values, missing=False)
    if (array == 0).any():
        raise ValueError(f"{name}: must be above 0")
    return array


def generator(seed: int) -> np.random.Generator:
    """Chance that begins with `seed`: the same seed, the same draws.

    Shapes: one number in, a generator out.
    Units: none.
    Raises ValueError for what is no whole number from 0.
    Source: ours: None would draw anew each time, and nothing here is random without a seed that the caller names.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError("seed: must be a whole number from 0")
    return np.random.default_rng(int(seed))


def vector(name: str, array: Numbers, least: int = 1) -> Numbers:
    """`array` where it is a single row of at least `least` values.

    Shapes: one row; the result is the array itself.
    Units: those of the array.
    Raises ValueError for no row or more than one, and for fewer values.
    Source: ours: a sum over a table flattened by mistake would answer another question.
    """
    if array.ndim != 1:
        raise ValueError(f"{name}: must be one row of values")
    if array.size < least:
        raise ValueError(f"{name}: needs at least {least} values")
    return array


def same_length(**arrays: NDArray) -> None:
    """Lets named arrays of one shape pass.

    Shapes: any; gives nothing back.
    Units: any.
    Raises ValueError where the shapes of the arrays differ.
    Source: ours: what numpy would broadcast is not what was meant where each row is a unit.
    """
    if len({array.shape for array in arrays.values()}) > 1:
        raise ValueError(f"{' and '.join(arrays)}: must have the same shape")


def together(**arrays: Numbers) -> tuple[Numbers, ...]:
    """The named arrays, broadcast.

    Shapes: any that fit each other; each result has the common one.
    Units: those of each array.
    Raises ValueError where there is no common shape.
    Source: ours, around numpy's broadcasting: its own message names no argument.
    """
    try:
        return tuple(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        raise ValueError(f"{' and '.join(arrays)}: shapes must fit each other") from None


def part_of(part_name: str, part: Numbers, whole_name: str, whole: Numbers) -> None:
    """Lets a part pass that is nowhere larger than its whole. A missing one passes.

    Shapes: two that fit each other; gives nothing back.
    Units: any, the same of both.
    Raises ValueError where a part is larger than its whole; for shapes that do not fit each other, in numpy's words.
    Source: ours: a share above 1 is a fault of the counts.
    """
    if (part > whole).any():
        raise ValueError(f"{part_name}: must not be larger than {whole_name}")


def tail(confidence: float) -> float:
    """The share left out at each end: 0.025 for 0.95.

    Shapes: one number in, one out.
    Units: none, a share.
    Raises ValueError for a confidence below 0.9 or not below 1.
    Source: equity-methods reference, section 1, refuses below 0.9; to refuse 1 is ours: its limits are infinite.
    """
    if not 0.9 <= confidence < 1:
        raise ValueError("confidence: must be from 0.9 up to, but not including, 1")
    return (1 - confidence) / 2
