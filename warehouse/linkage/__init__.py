"""One child across all sources: links with their evidence, clusters, and keys that stay. See docs/linkage.md.

Called by the two Python models of dbt in models/intermediate/person, which hold nothing but these calls. All of it runs
in memory on Arrow tables; the warehouse file is written by dbt alone.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa

from warehouse import duck
from warehouse.linkage import children, links, register
from warehouse.linkage.clusters import Clusters

__all__ = ["crosswalk", "find_links"]

THREADS, MEMORY = 2, "2GB"


def find_links(record: pa.Table, evidence: pa.Table, school: pa.Table, override: pa.Table, known_on: str) -> pa.Table:
    """Links and pairs to look at, as links.COLUMNS; inputs as in links.Inputs, `known_on` an ISO date."""
    with duck.memory(THREADS, MEMORY) as connection:
        inputs = links.Inputs(record, evidence, school, override)
        return links.find(connection, inputs, date.fromisoformat(known_on))


def crosswalk(record: pa.Table, link: pa.Table, entry: pa.Table, known_on: str, salt_file: str) -> pa.Table:
    """The key of every child that `record` names, as register.COLUMNS, from the links and the register's entries.

    `salt_file` is empty in a demonstration.
    """
    with duck.memory(THREADS, MEMORY) as connection:
        connection.register("record", record)
        found = connection.execute(
            "select source, source_person_id from (select distinct source, source_person_id from record)"
            f" order by {children.SPEAKS_FIRST}, source_person_id"
        ).fetchall()
    number = {child: position for position, child in enumerate(found)}
    joined = Clusters(len(found))
    for row in link.to_pylist():
        if row["status"] == "linked":
            joined.join(
                number[row["source"], row["source_person_id"]],
                number[row["other_source"], row["other_source_person_id"]],
            )
    entries = (register.Entry(**row) for row in entry.select(register.ENTRY).to_pylist())
    secret = register.salt(Path(salt_file) if salt_file else None)
    labels = [joined.label(position) for position in range(len(found))]
    return register.keys(found, labels, entries, date.fromisoformat(known_on), secret)
