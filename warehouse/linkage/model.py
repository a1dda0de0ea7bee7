"""The weights of evidence: how much more often two records of one child agree than records of two children do.

Fellegi and Sunter's model by Splink. What two strangers share by chance (u) is counted over all pairs of a sample; what
two records of one child share (m) is learnt by expectation maximisation from pairs that have a number in common.
Nothing is drawn by chance, so the same records give the same weights. They are base-2 logarithms: 10 is a thousandfold.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb

# Children whose pairs show what strangers share: 2,000 make 2 million pairs.
STRANGERS = 2_000
# Fewer pairs than this with one number in common teach nothing.
FEWEST_TO_LEARN_FROM = 200
# How often weights are learnt anew from what the last ones say. In a small county a level may be seen in one pair
# alone that is no match: each round makes it rarer, until Splink refuses it. Fewer rounds stop before.
ROUNDS = (25, 8, 4, 2)
# The share of true pairs that numbers alone are thought to find, for the odds before any evidence. From memory.
FOUND_BY_NUMBER = 0.8
# What was looked for and not seen happens at least so often.
LEAST_M, LEAST_U = 0.0005, 1e-7


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison: SQL over `_l` and `_r`, and how it is said. m and u stand where none are learnt."""

    when: str
    said: str
    m: float | None = None
    u: float | None = None
    frequency_of: str | None = None


@dataclass(frozen=True)
class Comparison:
    """What is compared of two children; the first level that holds counts, and none where `unknown` holds."""

    name: str
    unknown: str
    levels: tuple[Level, ...]

    @property
    def is_learnt(self) -> bool:
        return self.levels[0].m is None


def _either_is_null(*columns: str) -> str:
    return " or ".join(f"{column}_{side} is null" for column in columns for side in "lr")


def _number(column: str, named: str) -> tuple[Level, ...]:
    """A number is the same, one digit off, or another. Two children have the same one by error only; from memory."""
    return (
        Level(f"{column}_l = {column}_r", f"the same {named}", 0.97, 1e-7),
        Level(f"damerau_levenshtein({column}_l, {column}_r) = 1", f"{named} but for one character", 0.02, 1e-6),
        Level("else", f"another {named}", 0.01, 1.0),
    )


COMPARISONS = (
    Comparison(
        "forename",
        _either_is_null("forename"),
        (
            Level("forename_l = forename_r", "the same forename", frequency_of="forename"),
            Level(
                "jaro_winkler_similarity(forename_l, forename_r) >= 0.9"
                " or starts_with(forename_l, forename_r) or starts_with(forename_r, forename_l)",
                "a very similar or shortened forename",
            ),
            Level("jaro_winkler_similarity(forename_l, forename_r) >= 0.8", "a similar forename"),
            Level("else", "another forename"),
        ),
    ),
    Comparison(
        "surname",
        _either_is_null("surname"),
        (
            Level("surname_l = surname_r", "the same surname", frequency_of="surname"),
            Level("list_has_any(surnames_l, surnames_r)", "a surname in common, once"),
            Level("jaro_winkler_similarity(surname_l, surname_r) >= 0.9", "a very similar surname"),
            Level("else", "another surname"),
        ),
    ),
    Comparison(
        "birth_date",
        _either_is_null("birth_digits"),
        (
            Level("birth_digits_l = birth_digits_r", "the same birth date"),
            Level(
                "substr(birth_digits_l, 1, 4) || substr(birth_digits_l, 7, 2) || substr(birth_digits_l, 5, 2)"
                " = birth_digits_r",
                "day and month of birth swapped",
            ),
            Level("hamming(birth_digits_l, birth_digits_r) = 1", "a birth date but for one digit"),
            Level("else", "another birth date"),
        ),
    ),
    Comparison(
        "sex",
        _either_is_null("sex"),
        (Level("sex_l = sex_r", "the same sex"), Level("else", "another sex")),
    ),
    Comparison(
        "postcode",
        _either_is_null("postcodes"),
        (
            Level("list_has_any(postcodes_l, postcodes_r)", "a home postcode in common, now or once"),
            Level(
                "list_has_any(list_transform(postcodes_l, lambda p: p[:-3]),"
                " list_transform(postcodes_r, lambda p: p[:-3]))",
                "a home in the same postcode sector",
            ),
            Level("else", "no home postcode in common"),
        ),
    ),
    Comparison(
        "school",
        _either_is_null("schools"),
        (Level("list_has_any(schools_l, schools_r)", "a school in common"), Level("else", "no school in common")),
    ),
    Comparison(
        "upn",
        _either_is_null("upns"),
        (
            Level("list_has_any(upns_l, upns_r)", "the same UPN, now or formerly", 0.93, 1e-7),
            Level("damerau_levenshtein(upn_l, upn_r) = 1", "a UPN but for one character", 0.02, 1e-6),
            Level("else", "another UPN", 0.05, 1.0),
        ),
    ),
    Comparison("nhs_number", _either_is_null("nhs_number"), _number("nhs_number", "NHS number")),
)

# Pairs that share one of these are looked at; a value that many share is left out (children.MOST_WITH_ONE_KEY).
# Two of name, birth date, home and number: no single error hides a child.
KEYS = {
    "birth date and surname": "birth_digits || '|' || surname",
    "birth date and forename": "birth_digits || '|' || forename",
    "name and year of birth": "surname || '|' || forename || '|' || substr(birth_digits, 1, 4)",
    "birth date and home": "birth_digits || '|' || unnest(postcodes)",
    "name and home": "surname || '|' || forename || '|' || unnest(postcodes)",
    "forename, year and home": "forename || '|' || substr(birth_digits, 1, 4) || '|' || unnest(postcodes)",
    "birth date and school": "birth_digits || '|' || sex || '|' || unnest(schools)",
    "UPN": "unnest(upns)",
    "NHS number": "nhs_number",
}


def candidates(connection: duckdb.DuckDBPyConnection, most: int) -> int:
    """Table candidate of pairs from table child, which has `cluster`, named as Splink wants them; returns how many.

    Pairs already in one cluster are there too, to be weighed.
    """
    keys = " union all ".join(
        f"select {number} as rule, child, {key} as value from child" for number, key in enumerate(KEYS.values())
    )
    connection.execute(
        f"""
        create or replace table candidate as
        with key as (select distinct rule, child, value from ({keys}) where value is not null),
        shared as (
            select rule, value from key group by rule, value having count(*) between 2 and {most}
        ),
        usable as (select key.* from key inner join shared using (rule, value))
        select l.child as join_key_l, r.child as join_key_r, '0' as match_key
        from usable as l inner join usable as r on l.rule = r.rule and l.value = r.value and l.child < r.child
        union
        select l.child, r.child, '0'
        from child as l inner join child as r on l.cluster = r.cluster and l.child < r.child
        """
    )
    return count(connection, "select count(*) from candidate")


def score(connection: duckdb.DuckDBPyConnection) -> tuple[Comparison, ...]:
    """Table scored: each candidate pair with its level (gamma_) and weight (mw_) by comparison, and the sum.

    Returns the comparisons that could be learnt; none, and no table, where too few pairs have a number in common.
    """
    children = count(connection, "select count(*) from child")
    linked = _pairs_with(connection, "cluster")
    if linked < FEWEST_TO_LEARN_FROM:
        return ()
    prior = min(0.1, linked / FOUND_BY_NUMBER / (children * (children - 1) / 2))
    connection.execute(
        f"""
        create or replace table stranger as
        select * from child
        qualify row_number() over (partition by coalesce(cluster, child) order by child) = 1
        order by md5(source || '|' || source_person_id) limit {STRANGERS}
        """
    )
    with _in_silence():
        from splink import DuckDBAPI, Linker, block_on

        api = DuckDBAPI(connection)
        to_learn = tuple(comparison for comparison in COMPARISONS if comparison.is_learnt)
        by_chance = Linker(api.register("stranger"), _settings(prior, {}, to_learn), log_level=None)
        by_chance.training.estimate_u_using_random_sampling(max_pairs=1e12, min_count_per_level=None, num_chunks=1)
        start, of_children = _weights(by_chance), api.register("child")
        numbers = [name for name in ("upn", "nhs_number") if _pairs_with(connection, name) >= FEWEST_TO_LEARN_FROM]
        for rounds in ROUNDS:
            learner = Linker(of_children, _settings(prior, start, rounds=rounds), log_level=None)
            try:
                for number in numbers:
                    learner.training.estimate_parameters_using_expectation_maximisation(block_on(number))
                break
            except ValueError:  # a probability has shrunk to nothing
                if rounds == ROUNDS[-1]:
                    raise
        weights = _weights(learner)
        learnt = tuple(
            comparison
            for comparison in COMPARISONS
            if not comparison.is_learnt
            or all(None not in weights[comparison.name, n] for n in range(len(comparison.levels)))
        )
        if not {"forename", "surname", "birth_date"} <= {comparison.name for comparison in learnt}:
            return ()
        linker = Linker(of_children, _settings(prior, weights, learnt), log_level=None)
        linker.table_management.register_blocked_pairs_for_predict(api.register("candidate"))
        found = linker.inference.predict(warning_mode="never")
        connection.execute(f"create or replace table scored as select * from {found.physical_name}")
    return learnt


def count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    """One whole number. All of the result is fetched: DuckDB lets nothing else begin before."""
    return connection.execute(query).fetchall()[0][0]


Weights = dict[tuple[str, int], tuple[float | None, float | None]]


def _settings(
    prior: float, weights: Weights, comparisons: tuple[Comparison, ...] = COMPARISONS, rounds: int = ROUNDS[0]
) -> dict[str, Any]:
    """Splink's settings; a level that is not learnt keeps the weights it is declared with."""

    def level(comparison: Comparison, number: int, declared: Level) -> dict[str, Any]:
        m, u = weights.get((comparison.name, number), (declared.m, declared.u))
        return {
            "sql_condition": declared.when,
            "label_for_charts": declared.said,
            **({"m_probability": m} if m is not None else {}),
            **({"u_probability": u} if u is not None else {}),
            **({"fix_m_probability": True, "fix_u_probability": True} if not comparison.is_learnt else {}),
            **({"tf_adjustment_column": declared.frequency_of} if declared.frequency_of else {}),
        }

    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "child",
        "probability_two_random_records_match": prior,
        "max_iterations": rounds,
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "additional_columns_to_retain": [],
        "comparisons": [
            {
                "output_column_name": comparison.name,
                "comparison_levels": [
                    {"sql_condition": comparison.unknown, "label_for_charts": "not known", "is_null_level": True},
                    *(level(comparison, number, declared) for number, declared in enumerate(comparison.levels)),
                ],
            }
            for comparison in comparisons
        ],
    }


def _weights(linker: Any) -> Weights:
    """m and u by comparison and level, as learnt so far. A level that was looked for and not seen is rare.

    Rounded, so that the order in which threads add does not show.
    """
    found: Weights = {}
    for comparison in linker.misc.save_model_to_json()["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        pairs = [(level.get("m_probability"), level.get("u_probability")) for level in levels]
        for number, pair in enumerate(pairs):
            found[comparison["output_column_name"], number] = tuple(
                _rare(value, least, seen=any(isinstance(other[side], float) for other in pairs))
                for side, (value, least) in enumerate(zip(pair, (LEAST_M, LEAST_U), strict=True))
            )
    return found


def _rare(value: object, least: float, seen: bool) -> float | None:
    if isinstance(value, int | float):
        return max(round(float(value), 9), least)
    return least if seen else None


def _pairs_with(connection: duckdb.DuckDBPyConnection, number: str) -> int:
    return count(
        connection,
        f"select coalesce(sum(n * (n - 1) / 2), 0)::bigint from"
        f" (select count(*) as n from child where {number} is not null group by {number})",
    )


@contextlib.contextmanager
def _in_silence() -> Iterator[None]:
    """Splink reports on its logger, with SQL in it at times: nothing of children goes to a log."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
