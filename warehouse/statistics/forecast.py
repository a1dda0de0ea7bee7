"""How many there will be: a stock moved on year by year by those who start, those who leave, and birthdays.

Source: the cohort-component method, as for populations (Preston, Heuveline and Guillot 2001, chapter 6); predictive
draws as in any textbook of Bayesian statistics, with no weight given to what was not seen. Ages are whole years and
the last axis. Flows of a year are filed under the age at its close: who opens the year at 10 closes it at 11, or has
left. Whoever would pass the highest age leaves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from warehouse.statistics.checks import Numbers, counts, numbers, part_of, same_length

FEWEST_DRAWS = 1_000
# Fewer seen at one age of one group say little about who leaves there: the age's figure over all groups speaks.
FEWEST_SEEN = 20


def leaving(opened: ArrayLike, stayed: ArrayLike, fewest: float = FEWEST_SEEN) -> Numbers:
    """The share that leaves in a year, by group and age: the group's own where `fewest` were seen, else that of the
    age over all groups, else that of everybody.

    `opened` and `stayed` count people, a row for each group and a column for each age at the close. Nothing seen at
    all gives NaN. Raises ValueError for shapes that differ, a missing or negative count, or more who stayed than
    there were.
    """
    opened, stayed = _seen(opened, stayed)
    own, of_age = opened >= fewest, opened.sum(axis=0) > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        by_group = 1 - stayed / opened
        by_age = 1 - stayed.sum(axis=0) / opened.sum(axis=0)
        over_all = 1 - stayed.sum() / opened.sum()
    return np.where(own, by_group, np.where(of_age, by_age, over_all))


def project(stock: ArrayLike, starts: ArrayLike, leaving: ArrayLike, years: int) -> Numbers:
    """The stock expected after each of `years` years: shape (years, *stock.shape), ages last.

    `stock` counts people by age now; `starts` counts who joins in a year, and `leaving` has the share that leaves,
    both by the age at the close. They broadcast against the stock. Raises ValueError for a missing or negative value,
    a share above 1, shapes that do not fit, or fewer than 1 year.
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


def simulate(
    stock: ArrayLike,
    started: ArrayLike,
    opened: ArrayLike,
    stayed: ArrayLike,
    group: ArrayLike,
    years: int,
    *,
    seed: int,
    fewest: float = FEWEST_SEEN,
    draws: int = FEWEST_DRAWS,
) -> Numbers:
    """Whole futures drawn by chance: shape (draws, years, cells, ages). Their mean is `project`'s with the mean of the
    starts; quantiles of sums of them are limits of those sums.

    `stock` has a row of ages for each cell, such as a need in a district, and `started` as much for each year seen;
    those who `opened` these years and `stayed` have a row for each group of cells that share who leaves, and `group`
    is the row of each cell's group. In each draw the rates are drawn first, for how little was seen (gamma of the
    starts, beta of the leavers, pooled further as in `leaving`), with one factor on all starts for how much the years
    differed beyond chance (`unrest`); then each year's starts (Poisson) and stayers (binomial). A thing never seen is
    not drawn: the limits of a cell where nobody ever started are too narrow. The same seed gives the same draws.

    Raises ValueError as `leaving` and `project`, for counts that are not whole, a group that is no row, or fewer than
    1,000 draws.
    """
    stock, started = counts("stock", stock, missing=False), counts("started", started, missing=False)
    opened, stayed = _seen(opened, stayed)
    if stock.ndim != 2 or started.ndim != 3 or not len(started) or started.shape[1:] != stock.shape:
        raise ValueError("stock and started: must be rows of ages, and those of each year")
    if opened.ndim != 2 or stock.shape[1] != opened.shape[1]:
        raise ValueError("stock and opened: must be rows of as many ages")
    if any((part % 1).any() for part in (stock, started, opened, stayed)):
        raise ValueError("stock, started, opened and stayed: must be whole numbers")
    group = np.asarray(group, dtype=np.int64)
    if group.shape != stock.shape[:1] or (group < 0).any() or (group >= len(opened)).any():
        raise ValueError("group: must be the row of each cell's group")
    if draws < FEWEST_DRAWS:
        raise ValueError(f"draws: must be at least {FEWEST_DRAWS}")
    random = np.random.default_rng(seed)
    stays = 1 - _drawn_leaving(opened, stayed, fewest, draws, random)[:, group]
    mean = random.gamma(started.sum(axis=0), 1 / len(started), size=(draws, *stock.shape))
    if spread := unrest(started.sum(axis=(1, 2))):
        mean *= random.gamma(1 / spread, spread, size=(draws, 1, 1))
    made = np.empty((draws, _years(years), *stock.shape))
    now = np.broadcast_to(stock, mean.shape)
    for year in range(years):
        now = random.binomial(_year_older(now).astype(np.int64), stays) + random.poisson(mean)
        made[:, year] = now
    return made


def unrest(totals: ArrayLike) -> float:
    """How much yearly counts differ beyond chance: the variance of their true values over the square of their mean,
    by moments.

    0 where they differ no more than Poisson counts would, of a single year, and where all are 0. Raises ValueError
    for a missing or negative count.
    """
    totals = counts("totals", totals, missing=False)
    mean = totals.mean()
    if totals.size < 2 or not mean:
        return 0.0
    return max(0.0, float((totals.var(ddof=1) - mean) / mean**2))


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
