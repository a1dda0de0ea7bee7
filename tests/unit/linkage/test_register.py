"""Keys stay, and what changes is entered with its day: a key that moved unseen would mix two children's pasts."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path

import duckdb
import pytest

from warehouse import doctor
from warehouse.landing import ledger
from warehouse.linkage import register
from warehouse.linkage.register import Entry
from warehouse.settings import Home, Settings

FIRST, SECOND, THIRD = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
SECRET = b"a secret of this test"
ADA, BEA, CY, DI = ("ehc", "ada"), ("school_census", "bea"), ("csds", "cy"), ("csds", "di")


def run(people: list[list[register.ChildId]], entries: list[Entry], day: date) -> tuple[dict, dict]:
    """Key and change of every child, from persons as lists of their children in canonical order."""
    order = sorted(child for person in people for child in person)
    order.sort(key=lambda child: ["ehc", "school_census", "csds"].index(child[0]))
    first = {child: min(order.index(other) for other in person) for person in people for child in person}
    table = register.keys(order, [first[child] for child in order], entries, day, SECRET).to_pylist()
    of = {(row["source"], row["source_person_id"]): row for row in table}
    return {child: row["person_key"] for child, row in of.items()}, {c: row["change"] for c, row in of.items()}


def entered(entries: list[Entry], keys: dict, changes: dict, day: date) -> list[Entry]:
    """The register after a run, as register.write makes it."""
    ended = [
        Entry(
            *entry.child,
            entry.person_key,
            entry.since,
            day if entry.until is None and changes.get(entry.child) else entry.until,
        )
        for entry in entries
    ]
    return ended + [Entry(*child, keys[child], day, None) for child, change in changes.items() if change]


@pytest.fixture
def apart() -> tuple[dict, list[Entry]]:
    """Bea and Cy, two persons from the first day."""
    keys, changes = run([[BEA], [CY]], [], FIRST)
    assert set(changes.values()) == {"new"} and keys[BEA] != keys[CY]
    return keys, entered([], keys, changes, FIRST)


def test_the_same_again_changes_nothing(apart: tuple[dict, list[Entry]]) -> None:
    keys, entries = apart
    again, changes = run([[BEA], [CY]], entries, SECOND)
    assert again == keys
    assert set(changes.values()) == {None}


def test_a_new_source_that_speaks_first_takes_the_key_that_is_there(apart: tuple[dict, list[Entry]]) -> None:
    keys, entries = apart
    again, changes = run([[ADA, BEA], [CY]], entries, SECOND)
    assert again[ADA] == again[BEA] == keys[BEA]
    assert changes == {ADA: "new", BEA: None, CY: None}


def test_a_merge_keeps_one_key_and_is_undone_by_a_split(apart: tuple[dict, list[Entry]]) -> None:
    keys, entries = apart
    merged, changes = run([[BEA, CY]], entries, SECOND)
    assert merged[BEA] == merged[CY] and merged[BEA] in keys.values()
    (moved,) = [child for child, change in changes.items() if change]
    assert changes[moved] == "merged"
    entries = entered(entries, merged, changes, SECOND)

    restored, changes = run([[BEA], [CY]], entries, THIRD)
    assert restored == keys, "after the override each has the key it had before"
    assert changes[moved] == "restored"


def test_a_split_leaves_the_key_with_the_child_it_was_made_for() -> None:
    keys, changes = run([[BEA, CY, DI]], [], FIRST)
    entries = entered([], keys, changes, FIRST)
    after, changes = run([[BEA], [CY, DI]], entries, SECOND)
    assert after[BEA] == keys[BEA], "the key was made for Bea, though the others are more"
    assert after[CY] == after[DI] != keys[BEA]
    assert changes == {BEA: None, CY: "split", DI: "split"}


def test_what_was_known_then_is_what_was_known_then(apart: tuple[dict, list[Entry]]) -> None:
    keys, entries = apart
    merged, changes = run([[BEA, CY]], entries, SECOND)
    entries = entered(entries, merged, changes, SECOND)
    back, changes = run([[BEA], [CY]], entries, FIRST)
    assert back == keys
    assert set(changes.values()) == {None}


def test_a_source_that_is_away_for_a_run_finds_its_key_again(apart: tuple[dict, list[Entry]]) -> None:
    keys, entries = apart
    without, changes = run([[BEA]], entries, SECOND)
    assert without == {BEA: keys[BEA]}
    again, _ = run([[BEA], [CY]], entered(entries, without, changes, SECOND), THIRD)
    assert again == keys


def test_keys_depend_on_the_salt() -> None:
    one = register.keys([ADA], [0], [], FIRST, b"one")["person_key"].to_pylist()
    other = register.keys([ADA], [0], [], FIRST, b"other")["person_key"].to_pylist()
    assert one != other
    assert len(one[0]) == register.KEY_LENGTH and "ada" not in one[0]


def test_the_salt_is_made_once_and_its_owner_alone_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "person_key.salt"
    secret = register.salt(file)
    assert len(secret) >= register.SALT_BYTES
    assert register.salt(file) == secret
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert register.salt(None) == register.DEMONSTRATION_SALT


def built(folder: Path, rows: list[tuple]) -> Path:
    """A finished build that holds nothing but what it decided."""
    file = folder / "built.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_person__cluster"
            " (source varchar, source_person_id varchar, person_key varchar, change varchar)"
        )
        connection.executemany("insert into intermediate.int_person__cluster values (?, ?, ?, ?)", rows)
    return file


def test_publishing_enters_what_changed_once_and_a_look_back_enters_nothing(tmp_path: Path) -> None:
    ledger.write_layouts(tmp_path, tmp_path / "_landing", ())
    folder = tmp_path / "_person" / "register"
    assert register.write(built(tmp_path, [(*BEA, "k1", "new"), (*CY, "k2", "new")]), folder, FIRST) == 2
    file = folder / "register.parquet"
    before = file.read_bytes()
    assert register.write(tmp_path / "built.duckdb", folder, FIRST) == 0, "published again after a stop"
    assert register.write(built(tmp_path, [(*BEA, "k1", None), (*CY, "k2", None)]), folder, SECOND) == 0
    assert file.read_bytes() == before, "nothing new, nothing changes"
    assert register.write(built(tmp_path, [(*BEA, "k1", None), (*CY, "k1", "merged")]), folder, SECOND) == 1
    assert register.write(built(tmp_path, [(*BEA, "k1", None), (*CY, "k2", "split")]), folder, FIRST) == 0
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select source_person_id, person_key, since, until, reason"
            f" from read_parquet('{file.as_posix()}') order by all"
        ).fetchall()
    assert rows == [
        ("bea", "k1", FIRST, None, "new"),
        ("cy", "k1", SECOND, None, "merged"),
        ("cy", "k2", FIRST, SECOND, "new"),
    ]


def test_doctor_says_when_the_salt_is_missing_and_what_that_means(tmp_path: Path) -> None:
    settings = Settings(home=Home(tmp_path), demonstration=False)
    assert doctor._salt(settings).state == "ok", "a home that never ran has none yet"
    settings.home.register.mkdir(parents=True)
    (settings.home.register / "register.parquet").touch()
    finding = doctor._salt(settings)
    assert finding.state == "warning" and "keys that were given stay" in finding.said
    register.salt(settings.home.salt)
    assert doctor._salt(settings).state == "ok"
