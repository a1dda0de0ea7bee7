"""How many there will be: a stock moved on year by year by those who start, those who leave, and birthdays.

Source: the cohort-component method, as for populations (Preston, Heuveline and Guillot 2001, chapter 6); predictive
draws as in any textbook of Bayesian statistics, with no weight given to what was not seen. Ages are whole years and
the last axis. Flows of a year are filed under the age at its close: who opens the year at 10 closes it at 11, or has
left. Whoever would pass the highest age leaves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from warehouse.statistics.checks import Numbers, counts, generator, numbers, part_of, same_length

FEWEST_DRAWS = 1_000
# Fewer seen at one age of one group say little about who leaves there: the age's figure over all groups speaks.
FEWEST_SEEN = 20


def leaving(opened: ArrayLike, stayed: ArrayLike, fewest: float = FEWEST_SEEN) -> Numbers:
    """The share that leaves in a year, by group and age: the group's own where `fewest` were seen, else that of the age
    over all groups, else that of everybody. Nothing seen at all gives NaN.

    Shapes: `opened` and `stayed` have a row for each group and a column for each age at the close; the result has the
    same.
    Units: people in; none out, shares from 0 to 1.
    Raises ValueError for values that are missing, negative, infinite or no numbers; shapes that differ; more who stayed
    than there were.
    Source: Preston, Heuveline and Guillot 2001, chapter 6; the pooling is ours: few seen at one age of one group say
    little about who leaves there.
    """
    opened, stayed = _seen(opened, stayed)
    own, of_age = opened >= fewest, opened.sum(axis=0) > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        by_group = 1 - stayed / opened
        by_age = 1 - stayed.sum(axis=0) / opened.sum(axis=0)
        over_all = 1 - stayed.sum() / opened.sum()
    return np.where(own, by_group, np.where(of_age, by_age, over_all))


def project(stock: ArrayLike, starts: ArrayLike, leaving: ArrayLike, years: int) -> Numbers:
    """The stock expected after each of `years` years: `stock` now, `starts` who join in a year, and `leaving` the share
    that leaves, both by the age at the close.

    Shapes: ages are the last axis of all three; `starts` and `leaving` broadcast against the stock; the result is
    (years, *stock.shape).
    Units: people; `leaving` has none, shares from 0 to 1.
    Raises ValueError for values that are missing, negative, infinite or no numbers; a share above 1; shapes that do not
    fit each other (in numpy's words where the starts or shares are larger than the stock); fewer than 1 year.
    IndexError where the stock is a single number.
    Source: the cohort-component method, Preston, Heuveline and Guillot 2001, chapter 6.
    """
    stock, starts = counts("stock", stock, missing=False), counts("starts", starts, missing=False)
    share = numbers("leaving", leaving, least=0, most=1, missing=False)
    made = np.empty((_years(years), *stock.shape))
    for year in range(years):
        try:
            stock = _year_older(stock) * (1 - share) + starts
        except ValueError:
            raise ValueError("stock, starts and leaving: shapes must fit each other") from None
        made[year] = stock
    return made


def starting(started: ArrayLike) -> Numbers:
    """Who starts in a year to come: as many as in the newest year, spread as in all years seen.

    Shapes: `started` has a row for each year, the oldest first; the result has the shape of one.
    Units: people.
    Raises ValueError for values that are missing, negative, infinite or no numbers; no year. TypeError for a single
    number.
    Source: ours: no growth is put in, so the level is the newest known; one year alone is too few to say how it
    spreads.
    """
    started = counts("started", started, missing=False)
    if not len(started):
        raise ValueError("started: must have at least one year")
    whole = started.sum()
    return started.sum(axis=0) * (started[-1].sum() / whole if whole else 0.0)


def change(came: ArrayLike, expected: ArrayLike = 1.0) -> float:
    """How much a yearly count changes from one year to the next beyond chance: the root mean square of the changes of
    the logarithm of what came over what was `expected`, less what Poisson counts would show (1 / a + 1 / b). 0 where
    the counts change no more than that, of a single year, and where any is 0.

    Shapes: `came` is one row of years, `expected` as long or one number; the result is one number.
    Units: people in; none out, a change of the logarithm.
    Raises ValueError for values that are missing, negative, infinite or no numbers; lengths that do not fit, in numpy's
    words, where the answer is not 0 before.
    Source: ours: the logarithm of a Poisson count has a variance of about 1 over the count, and what is left over is
    not chance.
    """
    came, expected = counts("came", came, missing=False), counts("expected", expected, missing=False)
    if came.size < 2 or not came.all() or not np.all(expected):
        return 0.0
    steps = np.diff(np.log(came / expected))
    return float(np.sqrt(max(0.0, (steps**2 - 1 / came[1:] - 1 / came[:-1]).mean())))


def simulate(
    stock: ArrayLike,
    started: ArrayLike,
    opened: ArrayLike,
    stayed: ArrayLike,
    group: ArrayLike,
    years: int,
    *,
    seed: int,
    starts_change: float = 0.0,
    leaving_change: float = 0.0,
    fewest: float = FEWEST_SEEN,
    draws: int = FEWEST_DRAWS,
) -> Numbers:
    """Whole futures drawn by chance. Their mean is `project`'s with the `starting`; quantiles of sums of them are
    limits of those sums.

    In each draw the rates are drawn first, for how little was seen (gamma of the starts, beta of the leavers, pooled
    further as in `leaving`). From year to year all starts, and all shares that leave, then wander by one factor each: a
    step's logarithm has the standard deviation `starts_change` or `leaving_change`. Last come each year's starts
    (Poisson) and stayers (binomial). A thing never seen is not drawn: the limits of a cell where nobody ever started
    are too narrow. The same seed gives the same draws.

    Shapes: `stock` has a row of ages for each cell, such as a need in a district; `started` as much for each year seen,
    the newest last; `opened` and `stayed` a row of ages for each group of cells that share who leaves; `group` the row
    of each cell's group. The result is (draws, years, cells, ages).
    Units: people; the changes have none.
    Raises ValueError for values that are missing, negative, infinite or no numbers; counts that are not whole; shapes
    that do not match; more who stayed than there were; a group that is no row; a change that is negative, infinite or
    missing; fewer than 1 year or 1,000 draws; a seed that is no whole number from 0.
    Source: Preston, Heuveline and Guillot 2001, chapter 6; predictive draws as in any textbook of Bayesian statistics;
    that all wander by one factor is ours.
    """
    stock, started = counts("stock", stock, missing=False), counts("started", started, missing=False)
    opened, stayed = _seen(opened, stayed)
    if stock.ndim != 2 or started.ndim != 3 or not len(started) or started.shape[1:] != stock.shape:
        raise ValueError("stock and started: must be rows of ages, and those of each year")
    if opened.ndim != 2 or stock.shape[1] != opened.shape[1]:
        raise ValueError("stock and opened: must be rows of as many ages")
    if any((part % 1).any() for part in (stock, started, opened, stayed)):
        raise ValueError("stock, started, opened and stayed: must be whole numbers")
    rows = numbers("group", group, missing=False)
    if (rows % 1).any():
        raise ValueError("group: must be the row of each cell's group")
    group = rows.astype(np.int64)
    if group.shape != stock.shape[:1] or (group < 0).any() or (group >= len(opened)).any():
        raise ValueError("group: must be the row of each cell's group")
    if draws < FEWEST_DRAWS:
        raise ValueError(f"draws: must be at least {FEWEST_DRAWS}")
    for name, change_of in (("starts_change", starts_change), ("leaving_change", leaving_change)):
        numbers(name, change_of, least=0.0, missing=False)
    random = generator(seed)
    leaves = _drawn_leaving(opened, stayed, fewest, draws, random)[:, group]
    newest, whole = started[-1].sum(), started.sum()
    mean = random.gamma(started.sum(axis=0), newest / whole if whole else 0.0, size=(draws, *stock.shape))
    # The level is that of one year, and the spread that of all: what one year's count adds in chance.
    chance = 1 / newest - 1 / whole if newest else 0.0
    starts_level, leaving_level = _steps(chance**0.5, draws, random), np.ones((draws, 1, 1))
    made = np.empty((draws, _years(years), *stock.shape))
    now = np.broadcast_to(stock, mean.shape)
    for year in range(years):
        starts_level = starts_level * _steps(starts_change, draws, random)
        leaving_level = leaving_level * _steps(leaving_change, draws, random)
        stays = 1 - np.minimum(leaves * leaving_level, 1)
        now = random.binomial(_year_older(now).astype(np.int64), stays) + random.poisson(mean * starts_level)
        made[:, year] = now
    return made


def _steps(deviation: float, draws: int, random: np.random.Generator) -> Numbers:
    """A factor for each draw, of mean 1; its logarithm is normal."""
    return np.exp(deviation * random.standard_normal((draws, 1, 1)) - deviation**2 / 2)


def _drawn_leaving(opened: Numbers, stayed: Numbers, fewest: float, draws: int, random: np.random.Generator) -> Numbers:
    """Shares that leave, by draw, group and age. Those who share a figure share its draw."""
    by_group = _beta(opened, stayed, draws, random)
    by_age = _beta(opened.sum(axis=0), stayed.sum(axis=0), draws, random)[:, np.newaxis]
    over_all = _beta(opened.sum(), stayed.sum(), draws, random)[:, np.newaxis, np.newaxis]
    own, of_age = opened >= fewest, opened.sum(axis=0) > 0
    return np.where(own, by_group, np.where(of_age, by_age, over_all))


def _beta(opened: Numbers, stayed: Numbers, draws: int, random: np.random.Generator) -> Numbers:
    """Shares that leave, drawn; where all or none left, or nobody was seen, that is what is drawn."""
    left = np.asarray(opened - stayed)
    certain = (left == 0) | (np.asarray(stayed) == 0)
    drawn = random.beta(np.where(certain, 1, left), np.where(certain, 1, stayed), size=(draws, *left.shape))
    return np.where(certain, left > 0, drawn)


def _year_older(stock: Numbers) -> Numbers:
    return np.concatenate([np.zeros_like(stock[..., :1]), stock[..., :-1]], axis=-1)


def _seen(opened: ArrayLike, stayed: ArrayLike) -> tuple[Numbers, Numbers]:
    opened, stayed = counts("opened", opened, missing=False), counts("stayed", stayed, missing=False)
    same_length(opened=opened, stayed=stayed)
    part_of("stayed", stayed, "opened", opened)
    return opened, stayed


def _years(years: int) -> int:
    if years < 1:
        raise ValueError("years: must be at least 1")
    return years
