"""The door: what it demands, when it blocks, and that it never learns anything about a child."""

from __future__ import annotations

import shutil
import sys
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pyarrow.parquet as pq
import pytest

from expectations import runner, suites
from expectations.demand import Demand
from expectations.profile import _checks, measured
from warehouse import landing
from warehouse.landing.ledger import read_receipts
from warehouse.settings import REPOSITORY, Home, Settings
from warehouse.specification import Column, Extract, extract, extracts, ledger, sources

MARKER = "Zxqvmarker"
PERSON = "person_id,surname,forename,birth_date,sex,ethnicity,postcode,upn,nhs_number\n"


@dataclass
class Door:
    """A council at whose door extracts are judged."""

    settings: Settings

    def deliver(self, name: str, content: str) -> None:
        path = self.settings.home.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def check(self, **changes: Any) -> dict[tuple[str, str, str], runner.DoorResult]:
        settings = replace(self.settings, **changes)
        landing.land(settings)
        results = runner.check(settings)
        keys = {(f"{r.source}.{r.entity}", r.expectation, r.column_name, r.inputs_hash) for r in results}
        assert len(keys) == len(results), "one row per extract, expectation, column and what was judged"
        # What came last is judged first.
        return {(f"{r.source}.{r.entity}", r.expectation, r.column_name): r for r in reversed(results)}

    def aside(self) -> set[str]:
        """Files whose rows the door has set aside."""
        named = {receipt.receipt_id: receipt.file_name for receipt in read_receipts(self.settings.home.ledger)}
        file = self.settings.home.ledger / "set_aside" / "set_aside.parquet"
        return {named[row["receipt_id"]] for row in pq.read_table(file).to_pylist()} if file.is_file() else set()


@pytest.fixture
def door(tmp_path: Path) -> Door:
    (tmp_path / "inbox").mkdir()
    off = {name: False for name in sources() if name not in ("ehc", "cin", "ssda903", "school_census")}
    return Door(Settings(home=Home(tmp_path), threads=1, sources=off))


def people(*rows: str) -> str:
    return PERSON + "".join(f"{row}\n" for row in rows)


def good(n: int) -> str:
    return f"{n},Smith,Ann,2015-02-03,F,WBRI,AL1 1AA,A950000178301,9434765919"


def observed(results: dict, name: str, column: str = "", extract: str = "ehc.person") -> tuple[bool, str, str]:
    result = results[extract, name, column]
    return result.success, result.level, result.observed


def test_a_good_extract_meets_every_demand_of_its_rows(door: Door) -> None:
    door.deliver("ehc/ehc_person.csv", people(*(good(n) for n in range(20))))
    mine = [r for (name, *_), r in door.check().items() if name == "ehc.person"]
    assert {r.expectation for r in mine if not r.success} == {"columns_present"}
    assert len(mine) > 20 and {r.snapshot_date for r in mine} == {date(2027, 1, 21)}
    assert all(r.message == "" for r in mine if r.success) and all(r.expected and r.observed for r in mine)


def test_each_fault_is_counted(door: Door) -> None:
    rows = [good(n) for n in range(10)]
    rows[1] = "1,Smith,,03/02/2015,X9,WBRI,AL1 1AA,A950000178302,9434765918"
    rows[2] = "2,Smith,Ann,soon,f,ZZZZ,nowhere,UN1,"
    rows[3] = "3,Smith,Ann,1900-01-01,M,WBRI,AL1 1AA,A950000178301,9434765919"
    rows[4] = "4,Smith,Ann,2031-02-03,M,WBRI,AL1 1AA,A950000178301,9434765919"
    rows[5] = rows[6]
    door.deliver("ehc/ehc_person.csv", people(*rows, "too,few", ",A,B,2015-01-01,F,,,,"))
    results = door.check()
    assert observed(results, "has_rows") == (True, "error", "10")
    assert observed(results, "rows_not_rejected") == (False, "warning", "2 of 12 (16.7%)")
    assert observed(results, "key_unique", "person_id") == (False, "warning", "1 of 10 (10.0%)")
    assert observed(results, "key_mostly_unique", "person_id") == (False, "error", "1 of 10 (10.0%)")
    assert observed(results, "required_filled", "forename") == (False, "warning", "1 of 10 (10.0%)")
    assert observed(results, "required_not_empty", "forename") == (True, "error", "9 of 10 (90.0%)")
    assert observed(results, "parses", "birth_date") == (False, "warning", "1 of 10 (10.0%)")
    assert observed(results, "mostly_parses", "birth_date") == (True, "error", "1 of 10 (10.0%)")
    assert observed(results, "plausible", "birth_date") == (False, "warning", "1 of 10 (10.0%)")
    assert observed(results, "not_in_the_future", "birth_date") == (False, "warning", "1 of 10 (10.0%)")
    assert observed(results, "code_known", "sex") == (False, "warning", "1 of 10 (10.0%)")
    assert observed(results, "code_known", "ethnicity") == (False, "warning", "1 of 10 (10.0%)")
    assert observed(results, "well_formed", "upn") == (False, "warning", "2 of 10 (20.0%)")
    assert observed(results, "well_formed", "nhs_number") == (False, "warning", "1 of 9 (11.1%)")
    assert observed(results, "well_formed", "postcode") == (False, "warning", "1 of 10 (10.0%)")
    assert "ehc.person, upn: 2 of 10 (20.0%)" in results["ehc.person", "well_formed", "upn"].message


@pytest.mark.parametrize(
    ("rows", "expectation", "column"),
    [
        ([f"{n},Smith,,2015-02-03,F,,,," for n in range(10)], "required_not_empty", "forename"),
        (
            [f"{n},Smith,Ann,{'soon' if n < 3 else '2015-02-03'},F,,,," for n in range(10)],
            "mostly_parses",
            "birth_date",
        ),
        ([f"{n // 2},Smith,Ann,2015-02-03,F,,,," for n in range(10)], "key_mostly_unique", "person_id"),
        (
            [f"{n},Smith,Ann,2015-02-03,{'Q' if n < 6 else 'F'},,,," for n in range(10)],
            "codes_mostly_known",
            "sex",
        ),
    ],
)
def test_what_blocks(door: Door, rows: list[str], expectation: str, column: str) -> None:
    door.deliver("ehc/ehc_person.csv", people(*rows))
    results = door.check()
    blocking = [(r.expectation, r.column_name) for r in results.values() if r.level == "error" and not r.success]
    assert blocking == [(expectation, column)]


def test_half_a_register_is_blocked(door: Door) -> None:
    door.deliver("ehc/2026-12-01/ehc_person.csv", people(*(good(n) for n in range(10))))
    assert ("ehc.person", "volume_not_halved", "") not in door.check(), "nothing to compare with yet"
    door.deliver("ehc/2027-01-01/ehc_person.csv", people(*(good(n) for n in range(4))))
    results = door.check()
    assert observed(results, "volume_not_halved") == (False, "error", "4 of 10 (40.0%)")
    assert observed(results, "volume_as_before") == (False, "warning", "4 of 10 (40.0%)")
    assert observed(results, "has_rows") == (True, "error", "4")


def test_snapshots_after_known_on_are_not_judged(door: Door) -> None:
    door.deliver("ehc/2026-12-01/ehc_person.csv", people(*(good(n) for n in range(10))))
    door.deliver("ehc/2027-02-01/ehc_person.csv", people(good(1)))
    assert observed(door.check(), "has_rows") == (True, "error", "10")
    assert observed(door.check(known_on=date(2027, 2, 1)), "has_rows") == (True, "error", "1")


def test_answers_are_judged_whatever_their_day(door: Door) -> None:
    """They are given after the day that a return counts, and would otherwise count without having been judged."""
    header = "rule_id,reason,explained_by,explained_on\n"
    door.deliver("council/sen2_explanation_2027-02-10.csv", header + "L13,It is so,J. Okafor,10/02/2027\n")
    results = door.check(known_on=date(2027, 1, 21), sources={name: name == "council" for name in sources()})
    assert observed(results, "has_rows", extract="council.sen2_explanation") == (True, "error", "1")


def test_corrected_file_of_the_same_day_replaces_the_first(door: Door) -> None:
    door.deliver("ehc/ehc_person.csv", people(*(good(n) for n in range(10))))
    door.check()
    door.deliver("ehc/ehc_person.csv", people(*(good(n) for n in range(9))))
    results = door.check()
    assert observed(results, "has_rows") == (True, "error", "9")
    assert observed(results, "volume_as_before") == (True, "warning", "9 of 10 (90.0%)")


def test_periods_are_judged_together_and_compared_each_with_its_own_delivery(door: Door) -> None:
    head = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n"
    for year, count in ((2025, 10), (2026, 8)):
        rows = "".join(f"{n},1,01/02/2012,WBRI,,,\n" for n in range(count))
        door.deliver(f"ssda903/2026-06-01/{year}-header.csv", head + rows)
    rows = "".join(f"{n},1,01/02/2012,WBRI,,,\n" for n in range(3))
    door.deliver("ssda903/2026-09-01/2025-header.csv", head + rows)
    results = door.check()
    assert observed(results, "has_rows", extract="ssda903.header") == (True, "error", "11")
    assert observed(results, "volume_not_halved", extract="ssda903.header") == (False, "error", "3 of 10 (30.0%)")
    assert results["ssda903.header", "has_rows", ""].period == "2025 to 2026 (2)"
    assert observed(results, "key_unique", "return_year, child_id", "ssda903.header")[0] is True


def test_one_term_short_of_a_school_is_shown(door: Door) -> None:
    head = "pupilonrolltableid,NativeId,dob,surname,forename,sex,upn,senprovision\n"
    for term, count in (("autumn", 10), ("spring", 10), ("summer", 7)):
        rows = "".join(f"{n},9990001,2012-02-01,A,B,F,,N\n" for n in range(count))
        door.deliver(f"school_census/2026_{term}_pupilonroll.csv", head + rows)
    assert observed(door.check(), "terms_alike", extract="school_census.pupil_on_roll") == (
        False,
        "warning",
        "7 of 10 (70.0%)",
    )


def test_accepted_knowingly_is_still_on_record(door: Door) -> None:
    door.deliver("ehc/ehc_person.csv", people(*(f"{n // 2},Smith,Ann,2015-02-03,F,,,," for n in range(10))))
    key = ("ehc.person", "key_mostly_unique", "person_id")
    blocked, accepted = door.check()[key], door.check(door_accept=("ehc.person",))[key]
    assert (blocked.success, blocked.level) == (False, "error")
    assert (accepted.success, accepted.level) == (False, "warning")
    assert "accepted under [door] accept" in accepted.message
    assert door.check()[key].level == "error", "withdrawing the acceptance blocks again"


def test_nothing_arrived_is_said(door: Door) -> None:
    door.deliver("ehc/ehc_plan.csv", "a title\nplan_id,person_id,start_date\nA,P,x\n")
    results = door.check()
    plan, request = results["ehc.plan", "has_arrived", ""], results["ehc.request", "has_arrived", ""]
    assert (plan.success, plan.level, plan.observed) == (False, "warning", "0 files loaded, 1 quarantined")
    assert "receipts" in plan.message and "inbox/ehc" in request.message
    assert {name.split(".")[0] for name, *_ in results} == {"ehc", "cin", "ssda903", "school_census"}


def test_quarantined_beside_a_good_file_is_shown(door: Door) -> None:
    door.deliver("ehc/2026-12-01/ehc_person.csv", people(*(good(n) for n in range(10))))
    door.deliver("ehc/2027-01-01/ehc_person.csv", "a title\n" + people(good(1)))
    results = door.check()
    assert observed(results, "no_file_quarantined") == (False, "warning", "1")
    assert observed(results, "has_rows") == (True, "error", "10")


def test_no_value_reaches_the_library_or_the_results(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas as pd

    frames: list[pd.DataFrame] = []

    class Seen(pd.DataFrame):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            frames.append(self)

    monkeypatch.setattr(pd, "DataFrame", Seen)
    row = ",".join([MARKER] * 9)
    door.deliver("ehc/ehc_person.csv", people(*[row] * 3, *(f"{n},{row[len(MARKER) + 1 :]}" for n in range(9))))
    lines: list[str] = []
    landing.land(door.settings)
    results = runner.check(door.settings, progress=lines.append)
    demands = [frame for frame in frames if "least" in frame and "place" in frame]
    assert len(demands) == 1 and list(demands[0].columns) == ["place", "extract", "value", "least", "most"]
    assert all(demands[0][name].dtype.kind == "f" for name in ("value", "least", "most"))
    assert set(demands[0]["extract"]) == {"ehc.person"}
    assert sum(not r.success for r in results if r.entity == "person") >= 8
    assert MARKER not in repr(results) + repr(lines) + demands[0].to_csv()


def test_the_same_files_are_not_judged_twice(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.deliver("ehc/ehc_person.csv", people(*(good(n) for n in range(5))))
    first = door.check()
    file = door.settings.home.ledger / "door_result" / "door_result.parquet"
    before = file.stat().st_mtime_ns, file.read_bytes()

    def judged(*_: Any) -> None:
        raise AssertionError("judged again")

    monkeypatch.setattr(runner, "_validate", judged)
    assert door.check() == first and (file.stat().st_mtime_ns, file.read_bytes()) == before
    door.deliver("ehc/ehc_person.csv", people(*(good(n) for n in range(6))))
    with pytest.raises(AssertionError, match="judged again"):
        door.check()


def test_a_new_demand_is_judged_at_once(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.deliver("ehc/ehc_person.csv", people(*(good(n) for n in range(5))))
    door.check()
    real = suites.demands
    extra = Demand("few_rows", "rows", "error", "Mend.", maximum=4)
    monkeypatch.setattr(suites, "demands", lambda e: (*real(e), extra) if e.name == "ehc.person" else real(e))
    assert observed(door.check(), "few_rows") == (False, "error", "5")


def test_rows_are_kept_as_declared(door: Door) -> None:
    import pyarrow.parquet as pq

    door.deliver("ehc/ehc_person.csv", people(*(good(n) for n in range(5))))
    results = door.check()
    table = pq.read_table(door.settings.home.ledger / "door_result" / "door_result.parquet")
    assert table.schema.names == [column.name for column in ledger()["door_result"].columns]
    assert table.num_rows == len(results)
    required = [column.name for column in ledger()["door_result"].columns if column.required]
    assert all(table[name].null_count == 0 for name in required)


def test_library_trouble_is_no_verdict(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A demand that the library could not judge must not pass for one that was met, or not met."""
    monkeypatch.setattr(runner, "_raised", lambda _result: True)
    door.deliver("ehc/ehc_person.csv", people(good(1)))
    with pytest.raises(RuntimeError, match=r"Great Expectations could not judge the \d+ demands"):
        door.check()


def test_importing_the_runner_does_not_import_the_library() -> None:
    import subprocess

    code = "import sys, expectations.runner; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0


def test_every_extract_is_demanded_of() -> None:
    for each in extracts():
        demands = suites.demands(each)
        names = [(demand.name, demand.column) for demand in demands]
        assert len(names) == len(set(names)), f"{each.name}: one demand stated twice"
        known = {*measured(each), "volume", "smallest_period", "rejected", "columns_missing", "files_quarantined"}
        known |= {f"blank.{column.name}" for column in each.columns}
        for demand in demands:
            assert demand.measure in known, f"{each.name}: {demand.name} asks for {demand.measure}, which nobody counts"
            assert demand.level in ("error", "warning") and demand.mend.endswith(".") and demand.expected
            assert demand.counted and (demand.minimum is not None or demand.maximum is not None)
        required = {column.name for column in each.columns if column.required and not column.many}
        assert required == {demand.column for demand in demands if demand.name == "required_not_empty"}
        coded = {column.name for column in each.columns if column.code_set}
        assert coded == {demand.column for demand in demands if demand.name == "code_known"}
        assert "volume_not_halved" in {demand.name for demand in demands}, f"{each.name}: nobody watches its volume"


def test_hand_written_suites_are_for_declared_extracts() -> None:
    """A function for an entity that does not exist would never be asked."""
    from importlib import import_module

    for name in sources():
        module = import_module(f"expectations.suites.{name}")
        written = {
            n for n, f in vars(module).items() if callable(f) and getattr(f, "__module__", "") == module.__name__
        }
        assert written <= {each.entity for each in sources()[name].extracts}, name


DATES = ["2015-02-03", "03/02/2015", "31/02/2015", "2015-Feb-03 00:00:00", "2015-02-03 09:30:00", "2015-02-03T09:30:00"]
NUMBERS = [
    "20150203",
    "0",
    "1000",
    "1001",
    "nan",
    "inf",
    "1",
    "1.0",
    "2.5",
    "-3",
    "1e3",
    "1,000",
    "12345678901",
    "100000",
    "10000000",
]
WORDS = [None, "soon", "Y", "no", "TRUE", "f", "2", "See notes"]
IDENTIFIERS = ["A950000178301", "a950 0001 78301", "A950000178302", "1000000043", "943 476 5919", "AL1 1AA", "al11aa"]
VALUES = [*DATES, *NUMBERS, *WORDS, *IDENTIFIERS]


def macros() -> Any:
    """The dbt macros of values, rendered without dbt."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])  # noqa: S701 (SQL, not HTML)
    folder = REPOSITORY / "warehouse" / "macros"
    names = ("cast.sql", "identifiers.sql", "bounds.sql")
    text = "".join((folder / name).read_text(encoding="utf-8") for name in names)

    def dispatch(name: str, _project: str) -> Any:
        return getattr(module, f"duckdb__{name}", None) or getattr(module, f"default__{name}")

    environment.globals |= {"return": lambda value: value, "adapter": SimpleNamespace(dispatch=dispatch)}
    module = environment.from_string(text).make_module()
    return module


@pytest.mark.parametrize("kind", ["date", "integer", "decimal", "boolean"])
def test_the_door_and_staging_parse_alike(kind: str) -> None:
    """Two implementations of one rule: if they drift, the door passes what staging then drops."""
    column = Column(name="v", data_type=kind)
    for each in (extract("ehc", "plan"), extract("school_census", "pupil_on_roll"), extract("gias", "establishment")):
        (condition,) = [condition for name, condition in _checks(column, each) if name == "unparseable"]
        staged = macros().cast_column("v", kind, list(each.date_formats))
        assert disagreements(f"coalesce({condition}, false)", f"v is not null and {staged} is null") == []


@pytest.mark.parametrize("kind", ["integer", "decimal"])
def test_the_door_and_staging_hold_numbers_to_the_same_bounds(kind: str) -> None:
    """2.5 is no whole number, so of an integer it does not parse; -3 and 1,000,000 cannot be either way."""
    column = Column(name="v", data_type=kind, between=(0, 1000))
    (condition,) = [found for name, found in _checks(column, extract("ehc", "person")) if name == "implausible"]
    module = macros()
    parsed = module.cast_column("v", kind, [])
    staged = f"({parsed}) is not null and ({module.plausible_number(parsed, [0, 1000])}) is null"
    assert disagreements(f"coalesce({condition}, false)", staged) == []
    assert "-3" in disagreements(f"coalesce({condition}, false)", "false")


@pytest.mark.parametrize("form", ["upn", "uln", "nhs_number", "postcode", "urn", "ukprn"])
def test_the_door_and_staging_check_identifiers_alike(form: str) -> None:
    each = extract("ehc", "person")
    column = Column(name="v", data_type="string", format=form)
    (condition,) = [condition for name, condition in _checks(column, each) if name == "bad_format"]
    module = macros()
    staged = module.has_format(f"({module.cast_column('v', 'string', [], form)})", form)
    assert disagreements(f"coalesce({condition}, false)", f"coalesce(not ({staged}), false)") == []


def disagreements(ours: str, theirs: str) -> list[str]:
    with duckdb.connect() as connection:
        values = ", ".join("(null)" if value is None else f"('{value}')" for value in VALUES)
        query = f"select v from (values {values}) as given (v) where ({ours}) <> ({theirs})"
        return [row[0] for row in connection.execute(query).fetchall()]


def test_results_are_plain_rows(door: Door) -> None:
    door.deliver("ehc/ehc_person.csv", people(good(1)))
    for result in door.check().values():
        assert {type(value) for value in asdict(result).values()} <= {str, bool, date}


def test_a_home_with_nothing_in_it(door: Door) -> None:
    shutil.rmtree(door.settings.home.inbox)
    results = runner.check(door.settings)
    assert results and {result.expectation for result in results} == {"has_arrived"}


def test_extract_without_hand_written_suite_has_the_declared_one() -> None:
    each: Extract = replace(extract("ehc", "person"), source="elsewhere")
    assert {demand.name for demand in suites.demands(each)} >= {"has_rows", "key_unique", "code_known"}


def test_a_refused_delivery_is_set_aside_and_the_one_before_is_judged_in_its_place(door: Door) -> None:
    door.deliver("ehc/2026-12-01/ehc_person.csv", people(*(good(n) for n in range(10))))
    assert not [r for r in door.check().values() if r.level == "error" and not r.success] and door.aside() == set()
    door.deliver("ehc/2027-01-01/ehc_person.csv", people(*(good(n // 2) for n in range(10))))
    key = ("ehc.person", "key_mostly_unique", "person_id")
    assert (door.check()[key].snapshot_date, door.check()[key].success) == (date(2027, 1, 1), False)
    assert door.aside() == {"2027-01-01/ehc_person.csv"}
    mine = [r for r in runner.check(door.settings) if r.source == "ehc" and r.entity == "person"]
    assert {r.snapshot_date for r in mine} == {date(2027, 1, 1), date(2026, 12, 1)}
    assert all(r.success or r.level == "warning" for r in mine if r.snapshot_date == date(2026, 12, 1))
    assert not [r for r in mine if r.expectation == "has_arrived"], "the one before counts"


def test_where_no_earlier_delivery_is_fit_nothing_counts(door: Door) -> None:
    door.deliver("ehc/2026-12-01/ehc_person.csv", people(*(good(n // 2) for n in range(10))))
    door.deliver("ehc/2027-01-01/ehc_person.csv", people(*(good(n // 2) for n in range(12))))
    results = door.check()
    assert door.aside() == {"2026-12-01/ehc_person.csv", "2027-01-01/ehc_person.csv"}
    assert observed(results, "has_arrived") == (False, "warning", "0 files loaded, 0 quarantined")


def test_what_was_set_aside_is_judged_anew_while_it_is_the_newest_and_then_stays_aside(door: Door) -> None:
    """Accepted, it counts. Replaced by a good one, it stays out of the histories too, until the extract is accepted."""
    bad = people(*(good(n // 2) for n in range(10)))
    door.deliver("ehc/2026-12-01/ehc_person.csv", bad)
    door.check()
    assert door.aside() == {"2026-12-01/ehc_person.csv"}
    door.check(door_accept=("ehc.person",))
    assert door.aside() == set()
    door.check()
    assert door.aside() == {"2026-12-01/ehc_person.csv"}
    door.deliver("ehc/2027-01-01/ehc_person.csv", people(*(good(n) for n in range(10))))
    assert door.check()["ehc.person", "key_mostly_unique", "person_id"].success
    assert door.aside() == {"2026-12-01/ehc_person.csv"}


def test_of_several_periods_the_one_at_fault_is_set_aside(door: Door) -> None:
    """A term that is doubled takes none of the good terms with it, though it landed first."""
    head = "pupilonrolltableid,NativeId,dob,surname,forename,sex,upn,senprovision\n"
    rows = "".join(f"{n},9990001,2012-02-01,A,B,F,,N\n" for n in range(10))
    door.deliver("school_census/2026_autumn_pupilonroll.csv", head + rows + rows)
    door.deliver("school_census/2026_spring_pupilonroll.csv", head + rows)
    results = door.check()
    key = ("school_census.pupil_on_roll", "key_mostly_unique", "census_year, census_term, pupil_on_roll_table_id")
    assert (results[key].success, results[key].observed) == (False, "10 of 30 (33.3%)")
    assert door.aside() == {"2026_autumn_pupilonroll.csv"}


def test_where_only_the_comparison_fails_what_landed_last_is_set_aside(door: Door) -> None:
    """A corrected year that has lost most of its children is fit by itself: it is refused beside the one before."""
    head = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\n"
    for year, day, count in ((2025, "2026-06-01", 10), (2026, "2026-06-01", 8), (2025, "2026-09-01", 3)):
        rows = "".join(f"{n},1,01/02/2012,WBRI,,,\n" for n in range(count))
        door.deliver(f"ssda903/{day}/{year}-header.csv", head + rows)
    assert not door.check()["ssda903.header", "volume_not_halved", ""].success
    assert door.aside() == {"2026-09-01/2025-header.csv"}
