"""What every step of the generator shares: the connection, the sizes, the margins and the vocabulary of random draws.

A draw is a pure function of the seed, the id of a thing and the purpose of the draw. So any row can be drawn alone,
    in any
order and on any number of threads, and comes out the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

import duckdb

from warehouse import specification
from warehouse.settings import Settings

# Cohorts of one year of age that a state school roll adds up to: R to 11 at 93%, nursery and sixth form in part.
COHORTS_ON_ROLL = 12.45
PEOPLE_PER_COHORT = 80  # inhabitants of all ages for each child of one year of age
PEOPLE_PER_LSOA = 1600
FIRST_FLOW_YEAR = 2024  # requests that came to nothing are drawn from this year on
# Real codes of English councils: children come from and go to them; none of their people or places is here.
OTHER_COUNCILS = "['873', '881', '919', '825', '823', '302', '382', '330', '925', '926']"
BOYS = 0.512  # of all who are born
YEARS_OF_AGE = 27  # people are drawn from birth to 26

VOCABULARY = """
create macro u(id, purpose) as
    (md5_number_lower(concat('{seed}', '|', id, '|', purpose)) // 2048)::double / 9007199254740992.0;
create macro draw(id, purpose, low, high) as
    (low + floor(u(id, purpose) * (high - low + 1)))::integer;
create macro race(id, purpose, weight) as
    -ln(greatest(u(id, concat('race for ', purpose)), 1e-15)) / weight;
create macro academic_year(d) as
    year(d) - (case when month(d) < 9 then 1 else 0 end);
create macro reception_start(birth_date) as
    make_date((year(birth_date) + case when month(birth_date) >= 9 then 5 else 4 end)::integer, 9, 1);
create macro year_group(birth_date, d) as
    academic_year(d) - year(reception_start(birth_date));
create macro age_on(birth_date, d) as
    (year(d) - year(birth_date)
        - case when (month(d), day(d)) < (month(birth_date), day(birth_date)) then 1 else 0 end)::integer;
create macro birthday(birth_date, age) as
    (birth_date + to_years(age::integer))::date;
create macro weekday_before(d) as
    (d - (case isodow(d) when 6 then 1 when 7 then 2 else 0 end)::integer)::date;
create macro weekday_after(d) as
    (d + (case isodow(d) when 6 then 2 when 7 then 1 else 0 end)::integer)::date;
create macro not_sunday(d) as
    (d + (case isodow(d) when 7 then 1 else 0 end)::integer)::date;
create macro digit(text, i) as
    cast(substr(text, i, 1) as integer);
create macro upn_value(text, i) as
    case when substr(text, i, 1) between '0' and '9' then cast(substr(text, i, 1) as integer)
        else strpos('ABCDEFGHJKLMNPQRTUVWXYZ', substr(text, i, 1)) - 1 end;
create macro upn_from(body) as
    substr(
        'ABCDEFGHJKLMNPQRTUVWXYZ',
        (1 + (upn_value(body, 1) * 2 + upn_value(body, 2) * 3 + upn_value(body, 3) * 4 + upn_value(body, 4) * 5
            + upn_value(body, 5) * 6 + upn_value(body, 6) * 7 + upn_value(body, 7) * 8 + upn_value(body, 8) * 9
            + upn_value(body, 9) * 10 + upn_value(body, 10) * 11 + upn_value(body, 11) * 12
            + upn_value(body, 12) * 13) % 23)::integer,
        1
    ) || body;
create macro weighted_nine(nine) as
    digit(nine, 1) * 10 + digit(nine, 2) * 9 + digit(nine, 3) * 8 + digit(nine, 4) * 7 + digit(nine, 5) * 6
        + digit(nine, 6) * 5 + digit(nine, 7) * 4 + digit(nine, 8) * 3 + digit(nine, 9) * 2;
create macro uln_from(even) as
    case when weighted_nine(even::varchar) % 11 = 0
        then (even + 1)::varchar || (10 - weighted_nine((even + 1)::varchar) % 11)::varchar
        else even::varchar || (10 - weighted_nine(even::varchar) % 11)::varchar end;
create macro nhs_from(even) as
    case when weighted_nine(even::varchar) % 11 = 1
        then (even + 1)::varchar || ((11 - weighted_nine((even + 1)::varchar) % 11) % 11)::varchar
        else even::varchar || ((11 - weighted_nine(even::varchar) % 11) % 11)::varchar end;
create macro scrambled(number) as
    (number * 48271 + 12345) % 49999991;
create macro inward(number) as
    (number // 400 % 10)::varchar
    || substr('ABDEFGHJLNPQRSTUWXYZ', (1 + number // 20 % 20)::integer, 1)
    || substr('ABDEFGHJLNPQRSTUWXYZ', (1 + number % 20)::integer, 1);
"""


@dataclass
class World:
    """One demonstration county being made. Steps add tables to `con`; nothing is kept in Python."""

    con: duckdb.DuckDBPyConnection
    settings: Settings
    plans: int
    pupils: int
    seed: int
    progress: Callable[[str], None]
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def as_at(self) -> date:
        return self.settings.as_at

    @cached_property
    def census_days(self) -> dict[int, date]:
        """Census day by collection year: the third Thursday of January."""
        return {year: third_thursday(year, 1) for year in self.settings.collection_years}

    @property
    def cohort(self) -> float:
        """Children of one year of age."""
        return self.pupils / COHORTS_ON_ROLL

    @property
    def lsoas(self) -> int:
        return max(30, round(self.cohort * PEOPLE_PER_COHORT / PEOPLE_PER_LSOA))

    def sql(self, statements: str, /, **values: object) -> None:
        """Run statements with `{as_at}` and the given names filled in."""
        self.con.execute(statements.format(as_at=f"date '{self.as_at}'", **values))

    def number(self, query: str) -> int:
        """One whole number."""
        return int(self.con.execute(query).fetchone()[0])

    def say(self, line: str) -> None:
        self.progress(line)

    def count(self, name: str, table: str) -> None:
        """Keep the row count of a table for the summary."""
        self.counts[name] = self.number(f"select count(*) from {table}")


def margin(measure: str) -> dict[str, float]:
    """Category to share of one measure of `margin.csv`."""
    found = {row["category"]: float(row["share"]) for row in specification.rows("margin") if row["measure"] == measure}
    if not found:
        raise KeyError(f"margin.csv has no measure {measure}")
    return found


def share(measure: str, category: str = "1") -> float:
    """One share of `margin.csv`."""
    return margin(measure)[category]


def choose(measure: str | dict[str, float], draw: str) -> str:
    """SQL that turns a draw in [0, 1) into a category with the shares of a measure."""
    shares = margin(measure) if isinstance(measure, str) else measure
    total = sum(shares.values())
    arms, upto = [], 0.0
    *first, last = shares
    for category in first:
        upto += shares[category] / total
        arms.append(f"when {draw} < {upto:.6f} then '{category}'")
    return f"case {' '.join(arms)} else '{last}' end" if arms else f"'{last}'"


def by_value(column: str, values: dict[object, object], otherwise: object) -> str:
    """SQL that looks a column up in a small table of numbers."""
    arms = " ".join(f"when {key} then {_literal(value)}" for key, value in values.items())
    return f"case {column} {arms} else {_literal(otherwise)} end"


def _literal(value: object) -> str:
    """A number with a point is a DECIMAL to DuckDB, and products of those overflow: say double."""
    return f"{value}e0" if isinstance(value, float) else str(value)


def third_thursday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 14)


def first_thursday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7)
