"""Who has which person_key, from run to run: a child keeps its key, and every change has a day and a reason.

The register is a row per child of a source and key: from a day on (`since`) until another (`until`). It is kept under
raw/_person/register, for a key cannot be told anew from what is delivered: it says who was known first.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from warehouse import duck

# The demonstration has no secret: the same county has the same keys everywhere.
DEMONSTRATION_SALT = b"countywide demonstration"
SALT_BYTES = 32
KEY_LENGTH = 32

ChildId = tuple[str, str]  # source, source_person_id

# Of the register, what an Entry is made of.
ENTRY = ["source", "source_person_id", "person_key", "since", "until"]

COLUMNS = pa.schema(
    [
        ("source", pa.string()),
        ("source_person_id", pa.string()),
        ("canonical_source", pa.string()),
        ("canonical_person_id", pa.string()),
        ("person_key", pa.string()),
        ("previous_person_key", pa.string()),
        ("change", pa.string()),
    ]
)


@dataclass(frozen=True)
class Entry:
    """A row of the register: the child has had this key since a day, and until a later one or still."""

    source: str
    source_person_id: str
    person_key: str
    since: date
    until: date | None

    @property
    def child(self) -> ChildId:
        return self.source, self.source_person_id


def salt(file: Path | None) -> bytes:
    """The council's salt, made at first use in a file that its owner alone can read; without one, the demonstration's.

    Whoever has the salt and a child's number can tell the child's key, so it is never published and never logged.
    """
    if file is None:
        return DEMONSTRATION_SALT
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as target:
            target.write(secrets.token_hex(SALT_BYTES) + "\n")
    return file.read_bytes().strip()


def keys(
    children: Sequence[ChildId], labels: Sequence[int], entries: Iterable[Entry], known_on: date, secret: bytes
) -> pa.Table:
    """The key of every child, as COLUMNS. `children` in canonical order; `labels`: the lowest position in its cluster.

    A cluster keeps the key that its children have. Of several keys the one known first stays (merged); of several
    clusters with one key, the one with the child for whom it was made, else the larger (split). A child split off takes
    the key it had before, if nobody has it now (restored). `change` says which, and is null where nothing changed.
    """
    held: dict[ChildId, str] = {}
    once: dict[ChildId, list[str]] = defaultdict(list)
    known_since: dict[str, date] = {}
    for entry in entries:
        if entry.since > known_on:
            continue
        known_since[entry.person_key] = min(entry.since, known_since.get(entry.person_key, entry.since))
        if entry.until is None or entry.until > known_on:
            held[entry.child] = entry.person_key
        else:
            once[entry.child].append(entry.person_key)
    clusters: dict[int, list[ChildId]] = defaultdict(list)
    for child, label in zip(children, labels, strict=True):
        clusters[label].append(child)

    given = _kept(clusters, held, known_since, secret)
    taken = set(known_since) | set(given.values())
    free = set(known_since) - set(given.values()) - (set(held.values()) - {held[c] for c in children if c in held})
    for label, members in clusters.items():
        if label in given:
            continue
        former = next((key for child in members for key in reversed(once.get(child, [])) if key in free), None)
        given[label] = former or _new(members[0], taken, secret)
        free.discard(given[label])
        taken.add(given[label])

    rows = []
    staying = set(given.values())
    for child, label in zip(children, labels, strict=True):
        before, now = held.get(child), given[label]
        if before is None:
            change = "new"
        elif before == now:
            change = None
        elif now in once.get(child, []):
            change = "restored"
        else:
            change = "split" if before in staying else "merged"
        rows.append((*child, *children[label], now, before, change))
    columns = list(zip(*rows, strict=True)) if rows else [[] for _ in COLUMNS]
    return pa.table([pa.array(column, pa.string()) for column in columns], schema=COLUMNS)


def _kept(
    clusters: dict[int, list[ChildId]], held: dict[ChildId, str], known_since: dict[str, date], secret: bytes
) -> dict[int, str]:
    """Which cluster keeps which of the keys that its children have."""
    claims: dict[str, dict[int, int]] = defaultdict(dict)
    for label, members in clusters.items():
        for key, number in Counter(held[child] for child in members if child in held).items():
            claims[key][label] = number
    won: dict[int, list[str]] = defaultdict(list)
    for key, by_label in claims.items():
        label = next(iter(by_label))
        if len(by_label) > 1:
            made_for = {label for label in by_label if any(_key(child, secret) == key for child in clusters[label])}
            label = min(by_label, key=lambda one: (one not in made_for, -by_label[one], one))
        won[label].append(key)
    return {
        label: min(mine, key=lambda key: (known_since[key], -claims[key][label], key)) for label, mine in won.items()
    }


def _new(child: ChildId, taken: set[str], secret: bytes) -> str:
    """A key for a child that begins a person; another one where its own is somebody's."""
    number = 0
    while (key := _key(child, secret, number)) in taken:
        number += 1
    return key


def _key(child: ChildId, secret: bytes, number: int = 0) -> str:
    text = "\x1f".join((*child, *([str(number)] if number else [])))
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:KEY_LENGTH]


def write(database: Path, folder: Path, known_on: date) -> int:
    """Enter what a finished build decided into the register; returns the number of new rows.

    The register is rewritten beside itself and renamed, and not touched where nothing changed. A build that looks back
    before the last change enters nothing: what was known then stays what it was.
    """
    file = folder / "register.parquet"
    known = f"read_parquet('{duck.quoted(folder)}/*.parquet')"
    with duck.memory() as connection:
        connection.execute(f"attach '{duck.quoted(database)}' as built (read_only)")
        # Entered once, though the same build be published again after a run that was stopped.
        connection.execute(
            f"""
            create temp table changed as
            select source, source_person_id, person_key, change from built.intermediate.int_person__cluster
            where change is not null
                and (source, source_person_id, person_key) not in (
                    select (source, source_person_id, person_key) from {known} where until is null
                )
            """
        )
        latest, changes = connection.execute(
            f"select (select max(since) from {known}), (select count(*) from changed)"
        ).fetchall()[0]
        if not changes or (latest is not None and latest > known_on):
            return 0
        part = file.with_name(file.name + ".part")
        connection.execute(
            f"""
            copy (
                select known.source, known.source_person_id, known.person_key, known.since,
                    coalesce(known.until, case when changed.change is not null then ?::date end) as until, known.reason
                from {known} as known
                left join changed
                    on changed.source = known.source and changed.source_person_id = known.source_person_id
                    and known.until is null
                union all
                select source, source_person_id, person_key, ?::date, null, change from changed
                order by source, source_person_id, since, until
            ) to '{duck.quoted(part)}' (format parquet, compression zstd)
            """,
            [known_on, known_on],
        )
    with part.open("rb+") as handle:
        os.fsync(handle.fileno())
    part.replace(file)
    return changes
