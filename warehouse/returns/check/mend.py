"""What to do about a fault of structure: in general for its kind, and in the return's own names for one place."""

from __future__ import annotations

from warehouse import specification
from warehouse.returns.check.read import Fault
from warehouse.returns.check.shape import Message

# By the kinds of read.WORDS.
_WHERE = ", in the software that made the file and not by hand"
MENDS = {
    kind: f"{text}{_WHERE}"
    for kind, text in {
        "unknown_element": "Take it out, or give it the name that the return has",
        "other_year": "Make the return of this year, or take the element out",
        "misplaced": "Move it to where it belongs",
        "order": "Put the elements into the order of the return",
        "repeated": "Leave the right one and take the others out",
        "too_many": "Leave no more than the return allows",
        "letter_case": "Write the name as the return has it",
        "namespace": "Write the elements without xmlns and without a prefix",
        "attribute": "Take it out; the return holds everything in elements",
        "stray_text": "Take the text out, or put it into the element that it is for",
        "not_a_date": "Enter a day that exists, written as 2026-01-31",
        "date_form": "Write days as 2026-01-31, without a time",
        "missing": "Put it in, with what belongs in it",
        "same_id": "Give each record an id of its own",
        "no_parent": "Give it the id of a record of the table above, or take it out",
    }.items()
}


def one(message: Message, fault: Fault) -> str:
    """What to do about this fault: with the name, the place or the years of the return where they say more."""
    name = fault.element.rpartition(":")[2].lower()
    module = message.shapes[fault.module]
    said = ""
    if fault.kind in ("letter_case", "namespace"):
        tags = (tag for tag in (message.root.tag, *module.parts) if tag.lower() == name)
        said = next((f"Write it as {tag}" for tag in tags if tag != fault.element), "")
    elif fault.kind == "misplaced":
        homes = [shape.tag for shape in message.shapes.values() if name in map(str.lower, shape.parts)]
        said = f"It belongs in {' or '.join(homes)}" if homes else ""
    elif fault.kind == "order":
        tags = list(module.parts)
        place = tags.index(fault.element)
        said = f"In {module.tag} it comes {f'after {tags[place - 1]}' if place else 'first'}"
    elif fault.kind == "other_year":
        said = f"It belongs to the return of {_years(name)}"
    elif fault.kind == "too_many":
        most = next(shape.most for shape in message.shapes.values() if shape.tag == fault.element)
        said = f"At most {most} here"
    return said or MENDS[fault.kind]


def _years(name: str) -> str:
    """The years whose return has an element, such as 2023 or 2024 to 2026."""
    rows = [row for row in specification.rows("element") if (row["tag"] or row["element"]).lower() == name]
    rows += [row for row in specification.rows("module") if row["element"].lower() == name]
    years = [
        int(row["collection_year"])
        for row in specification.rows("collection")
        if any(specification.in_force(one, int(row["collection_year"])) for one in rows)
    ]
    first, last = min(years), max(years)
    return f"{first}" if first == last else f"{first} to {last}"
