"""A finished build into what people read: public tables, Parquet, returns, summary, then the swap."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from warehouse import __version__, duck
from warehouse.publish import (
    catalogue,
    dictionary,
    equity,
    figures,
    files,
    internal,
    linkage,
    public,
    register,
    summary,
    tidy,
)
from warehouse.publish.catalogue import ClassError
from warehouse.publish.files import PublishFailed
from warehouse.publish.public import DisclosureError
from warehouse.settings import HomeAsAt, Settings

__all__ = ["ClassError", "DisclosureError", "PublishFailed", "publish"]

# Schemas of the build that people read as Parquet.
PUBLISHED_SCHEMAS = ("core", "sen2", "equity", "inspection", "quality")
# Rows of the registry that the metrics beside them refer to: without them nobody knows what ID02 is.
PUBLISHED_SEEDS = ("metric", "metric_measure", "area_level", "subgroup_set")
# Folders of which this stage owns every file. Returns of earlier years stay.
OWNED = ("parquet", "public", "internal", "restricted")
PUBLIC_SOURCE = "rpt_equity__metric"


def publish(settings: Settings, database: Path, progress: Callable[[str], None] | None = None) -> int:
    """Publish a finished build and return the number of rows written as Parquet.

    `database` is the finished file in its workshop folder, with dbt's manifest under target/, what dbt said in
    build.json and the written returns under returns/, each where it is there. Everything is made beside it first; the
    published folder is touched only by renames, the database first. Raises PublishFailed, DisclosureError or
    ClassError, and then nothing has changed.
    """
    report = progress or (lambda _line: None)
    workshop = database.parent
    cards = catalogue.read(workshop / "target" / "manifest.json")
    staged = settings.home.work / "publish"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)

    report("public tables: hiding, rounding and auditing counts")
    # What was known on an earlier day is looked at, not given out: it neither enters the register nor minds it.
    given_out = not isinstance(settings.home, HomeAsAt)
    earlier = register.read(settings.home.publications) if given_out else {}
    tables = public.tables(_metric_rows(database, cards), settings, earlier)
    public.write(tables, staged / "public", settings)
    tidy.write(tables, staged / "public" / "tidy", settings)
    report("internal tables: the same, with nothing hidden")
    internal.write(database, cards[PUBLIC_SOURCE], staged / "internal")
    report("Parquet copies of core and the marts")
    parquet = _write_parquet(database, cards, staged / "parquet", settings)
    if (workshop / "returns").is_dir():
        shutil.copytree(workshop / "returns", staged / "returns")
    report("summary page")
    summary.write(settings, database, _dbt_results(workshop), tables, staged / "summary.html")
    report("equity page and metric dictionary")
    equity.write(settings, database, cards, staged / "equity.html")
    dictionary.write(settings, staged / "dictionary.html")
    report("page of doubtful links")
    linkage.write(settings, database, cards[linkage.SOURCE], staged / "restricted" / "linkage.html")
    _write_manifest(settings, database, parquet, staged)

    figures.keep(database, settings.home.reported, settings.known_on or settings.as_at, is_rebuilt=not given_out)
    if given_out:
        printed = {count: text for table in tables for count, text in table.printed.items()}
        register.keep(printed, settings.home.publications, settings.as_at)
    report("swapping the finished warehouse in")
    files.swap_database(database, settings.home.database)
    # What lies in a folder of a return is named by its day: of another day, it would stand beside today's.
    dated = [folder.relative_to(staged).as_posix() for folder in (staged / "returns").glob("*/*/*") if folder.is_dir()]
    files.swap_folder(staged, settings.home.published, (*OWNED, *dated))
    return sum(table["rows"] for table in parquet)


def _metric_rows(database: Path, cards: dict[str, catalogue.TableCard]) -> list[dict[str, Any]]:
    card = cards[PUBLIC_SOURCE]
    columns = [name for name in card.columns if name not in ("numerator_meaning", "denominator_meaning")]
    catalogue.refuse_unless_fit(card, columns)
    with duck.reader(database) as connection:
        # In an order of its own: what is hidden beside what depends on which cell comes first.
        found = connection.execute(
            f"select {', '.join(columns)} from {card.relation} "
            "where breakdown in (select breakdown from spec.public_breakdown) "
            "and is_whole_period and list_contains(?, period_type) "
            "order by all",
            [public.years()],
        ).fetchall()
    return [dict(zip(columns, row, strict=True)) for row in found]


def _write_parquet(
    database: Path, cards: dict[str, catalogue.TableCard], folder: Path, settings: Settings
) -> list[dict[str, Any]]:
    """Each table and report of core and the marts as parquet/<schema>/<table>.parquet, in the order of its key; beside
    them the registry's rows.

    A view that is no report is a part of a table beside it, and would be worked out again to be written twice.
    """
    written = []
    with duck.reader(database) as connection:
        connection.execute(f"set threads = {settings.threads}")
        connection.execute(f"set memory_limit = '{settings.memory}'")
        existing = set(
            connection.execute(
                "select table_schema, table_name from information_schema.tables "
                "where table_type = 'BASE TABLE' or starts_with(table_name, 'rpt_')"
            ).fetchall()
        )
        for card in sorted(cards.values(), key=lambda card: (card.schema, card.name)):
            is_ours = card.schema in PUBLISHED_SCHEMAS or card.name in PUBLISHED_SEEDS
            if not is_ours or (card.schema, card.name) not in existing:
                continue
            file = folder / card.schema / f"{card.name}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            order = ", ".join(f'"{name}"' for name in card.key) or "all"
            count = connection.execute(
                f"copy (select * from {card.relation} order by {order}) to '{duck.quoted(file)}' "
                "(format parquet, compression zstd)"
            ).fetchone()
            written.append(
                {
                    "table": f"{card.schema}.{card.name}",
                    "class": card.data_class,
                    "rows": count[0],
                    "key": list(card.key),
                }
            )
    return written


def _dbt_results(workshop: Path) -> list[dict[str, Any]]:
    receipt = workshop / "build.json"
    return json.loads(receipt.read_text(encoding="utf-8"))["results"] if receipt.exists() else []


def _write_manifest(settings: Settings, database: Path, parquet: list[dict[str, Any]], staged: Path) -> None:
    """published/manifest.json: from what it was made and what was made. Reads no clock, so the same build has one."""
    with duck.reader(database) as connection:
        inputs = connection.execute(
            "select source, entity, file_name, file_hash, cast(snapshot_date as varchar), standing "
            "from quality.rpt_quality__receipt order by all"
        ).fetchall()
    names = ("source", "entity", "file_name", "sha256", "snapshot_date", "standing")
    document = {
        "software": "countywide",
        "version": __version__,
        "settings": {
            **settings.dbt_vars(),
            "suppress_below": settings.suppress_below,
            "suppress_denominator_below": settings.suppress_denominator_below,
            "round_to": settings.round_to,
        },
        "inputs": [dict(zip(names, row, strict=True)) for row in inputs],
        "tables": parquet,
        "files": {
            file.relative_to(staged).as_posix(): files.sha256(file)
            for file in sorted(staged.rglob("*"))
            if file.is_file()
        },
    }
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    (staged / "manifest.json").write_text(text, encoding="utf-8", newline="\n")
