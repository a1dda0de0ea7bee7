"""The page of doubtful pairs, restricted: two records side by side, the evidence in words, the row that decides it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import jinja2

from warehouse import duck
from warehouse.publish.catalogue import ClassError, TableCard
from warehouse.settings import Settings

SOURCE = "rpt_quality__link_review"
TEMPLATE = Path(__file__).parent / "linkage.html.jinja"
# The heaviest; after these are decided the next ones move up. All of them are in the table.
MOST_SHOWN = 1_000
SIDES = ("", "other_")
ACTIONS = ("must_link", "must_not_link")
SAID = {
    "source": "Source",
    "source_person_id": "Number there",
    "forename": "Forename",
    "surname": "Surname",
    "birth_date": "Birth date",
    "sex": "Sex",
    "postcode": "Postcode",
    "upn": "UPN",
    "nhs_number": "NHS number",
}


def write(settings: Settings, database: Path, card: TableCard, page: Path) -> int:
    """Write the page of the pairs in `card`'s table and return how many there are.

    Raises ClassError unless the table is restricted: a page made from it must be, and lies where restricted things lie.
    """
    if card.data_class != "restricted":
        raise ClassError(f"{card.name} names children and is {card.data_class}. Make it restricted.")
    with duck.reader(database) as connection:
        relation = connection.sql(
            f"select * from {card.relation} order by match_weight desc nulls last, link_key limit {MOST_SHOWN}"
        )
        pairs = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
        total = connection.execute(f"select count(*) from {card.relation}").fetchall()[0][0]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATE.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    text = environment.get_template(TEMPLATE.name).render(
        council=settings.council_name,
        known_on=settings.known_on or settings.as_at,
        pairs=[
            {**pair, "rows": [_row(action, pair, settings) for action in ("must_link", "must_not_link")]}
            for pair in pairs
        ],
        total=total,
        said=SAID,
        sides=SIDES,
        header=_line(("action", *_NAMED, "reason", "decided_by", "decided_on", "decided_until")),
    )
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text, encoding="utf-8", newline="\n")
    return total


_NAMED = ("source", "source_person_id", "other_source", "other_source_person_id")


def _row(action: str, pair: dict[str, Any], settings: Settings) -> str:
    """A row of link_override.csv; the reader puts in why and who."""
    day = settings.known_on or settings.as_at
    return _line((action, *(pair[name] for name in _NAMED), "WHY", "WHO", day.isoformat(), ""))


def _line(cells: tuple[Any, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
