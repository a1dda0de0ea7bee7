"""docs/sen2-open-questions.md, from the rows: where the return rests on what only DfE or a council could confirm.

`python -m warehouse.returns.questions` writes the page anew; a test holds it to the rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from warehouse import specification
from warehouse.settings import REPOSITORY

PAGE = REPOSITORY / "docs" / "sen2-open-questions.md"
# Facts that are not read in an official text, least sure first.
UNSURE = ("memory", "disputed", "derived", "ours", "data", "tool")
# Of these the page lists every row; the others are counted.
LISTED = ("memory", "disputed", "derived", "ours")
# Row files of the return, with the columns that name a row.
FILES = {
    "module": ("module",),
    "element": ("module", "element"),
    "scope_case": ("scope_case",),
    "out_of_scope_reason": ("reason_code",),
    "left_out_reason": ("why_code",),
    "rule_parameter": ("rule_id", "parameter"),
    "rule_code": ("rule_id", "code"),
    "collection_change": ("collection_year", "module", "element", "code"),
}
# Others, of which a question may name a row.
OTHERS = {"collection": ("collection_year",), "rule": ("rule_id",)}
# Row files of the tables that DfE publishes from the return; theirs is a `status`, and the choice made in words.
RELEASE = {
    "release_table": ("release_table",),
    "release_column": ("release_table", "column_name"),
    "release_label": ("label_set", "label", "code"),
    "release_setting": ("identified_by", "code"),
    "release_parameter": ("parameter",),
}
_INTRODUCTION = """\
# SEN2: what only DfE or a council could confirm

Made by `python -m warehouse.returns.questions` from `open_question.csv` and the other rows of
`warehouse/spec/returns/sen2`: change the rows, not this page. O1 to O20 are the holes of the reference that the return
was built from; C1 and on were met while building. Most also stand on the sign-off sheet of every return, and all in the
data dictionary (`countywide docs`).

If you can answer one, open an issue and say where it is written. An accepted file of a council settles O2, O3, O14 and
O18 at once; only its structure is needed, never its data."""
_ROWS = """\
## Rows that no official text was read for
Every row says how sure it is. `tool`: read in public software whose authors copied it from DfE's documents. `data`:
worked out from published figures. `derived`: our inference. `ours`: our choice. `disputed`: two sources disagree.
`memory`: to be confirmed first.
"""
_CHOICES = """\
## Choices in the tables that DfE publishes
Where neither a published definition nor the published figures settle a count. Each also stands in
`tables/definitions.csv` beside the return.
"""
_KINDS = {
    "set": "code set `{}`",
    "setting": "setting `{}`",
    "rule": "rule SEN2-{}",
    "parameter": "thresholds of SEN2-{} in `rule_parameter.csv`",
    "file": "`{}`",
}

Row = Mapping[str, str]


def page() -> str:
    """The page as it should stand."""
    return "\n".join(_lines()) + "\n"


def held_in(row: Row) -> list[tuple[str, str]]:
    """(kind, name) of each place that holds a question, such as `row:element.csv:person.Sex` or `rule:R04`."""
    return [tuple(place.split(":", 1)) for place in row["held_in"].split()]


def unsure() -> dict[str, dict[str, list[str]]]:
    """File → certainty → names of its rows, of the files of the return and the code sets that its items use."""
    found: dict[str, dict[str, list[str]]] = {}
    sets = dict.fromkeys(row["code_set"] for row in specification.rows("element") if row["code_set"])
    files = FILES | {f"code_{code_set}": ("code",) for code_set in sets}
    for name, columns in files.items():
        for row in specification.rows(name):
            if row["certainty"] in UNSURE:
                named = ".".join(row[column] for column in columns if row[column])
                span = (
                    f" ({row['first_year']}–{row['last_year']})"
                    if row.get("first_year") or row.get("last_year")
                    else ""
                )
                names = found.setdefault(name, {}).setdefault(row["certainty"], [])
                if named + span not in names:
                    names.append(named + span)
    return found


def choices() -> dict[str, list[str]]:
    """Choice → names of the rows of the published tables that rest on it and on nothing that is published or tested."""
    found: dict[str, list[str]] = {}
    for name, columns in RELEASE.items():
        for row in specification.rows(name):
            if row["status"] == "derived" and row["choice"]:
                named = f"`{name}.csv` {'.'.join(row[column] for column in columns if row[column])}"
                if named not in found.setdefault(row["choice"], []):
                    found[row["choice"]].append(named)
    return found


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    for row in specification.rows("open_question"):
        yield ""
        yield f"## {row['question_id']}: {row['question']}"
        yield f"- **What we do:** {row['what_we_do']}"
        yield f"- **Held in:** {'; '.join(_place(kind, name) for kind, name in held_in(row))}"
        yield f"- **Another answer would change:** {row['what_would_change']}"
        years = f" Years: {_years(row)}." if _years(row) else ""
        yield f"- **Who knows:** {row['who_knows']}. ({row['source']}.{years})"
    yield ""
    yield _ROWS
    found = unsure()
    yield f"| file | {' | '.join(UNSURE)} |"
    yield f"|---|{'---:|' * len(UNSURE)}"
    total: Counter[str] = Counter()
    for name, by_certainty in found.items():
        counts = {certainty: len(names) for certainty, names in by_certainty.items()}
        total.update(counts)
        yield f"| `{name}.csv` | {' | '.join(str(counts.get(certainty, '')) for certainty in UNSURE)} |"
    yield f"| all | {' | '.join(str(total[certainty] or '') for certainty in UNSURE)} |"
    basis = Counter(
        letter for row in specification.rows("rule") for letter in ("m", "d") if letter in row["basis"].split()
    )
    yield ""
    yield f"Of the flags of rules, {basis['d']} rest in whole or part on our inference and {basis['m']} on memory:"
    yield "`basis` d and m in `rule.csv`."
    for certainty in LISTED:
        yield ""
        yield f"### {certainty}"
        for name, by_certainty in found.items():
            if certainty in by_certainty:
                yield f"- `{name}.csv`: {', '.join(by_certainty[certainty])}"
    yield ""
    yield _CHOICES
    for choice, names in choices().items():
        yield f"- {choice}: {', '.join(names)}"


def _years(row: Row) -> str:
    """The years in which a row holds; empty for all."""
    first, last = row.get("first_year", ""), row.get("last_year", "")
    return first if first == last else f"{first}–{last}"


def _place(kind: str, name: str) -> str:
    if kind in _KINDS:
        return _KINDS[kind].format(name)
    file, _, place = name.partition(":")
    return f"`{file}`" + (f", {kind} `{place}`" if place else "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
