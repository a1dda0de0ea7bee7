"""A judged return as a page and a workbook, for those who were not at the terminal. Neither holds a child's value."""

from __future__ import annotations

import html
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from warehouse.returns.check import report
from warehouse.returns.check.judge import Count, Finding, Judged
from warehouse.returns.workbook import Book, Column

_PLACES = 20
_SUMMARY = (
    Column("Level", 10),
    Column("Rule", 12),
    Column("Count", 10),
    Column("What is wrong", 70, wraps=True),
    Column("What to do", 70, wraps=True),
)
_FINDINGS = (
    Column("File", 28),
    Column("Level", 10),
    Column("Rule", 12),
    Column("Person in file", 14),
    Column("Line", 10),
    Column("Look at", 34, wraps=True),
    Column("What is wrong", 60, wraps=True),
    Column("What to do", 60, wraps=True),
    Column("Place", 70),
)
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #0b0c0c; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid #b1b4b6; }
td:nth-child(2) { white-space: nowrap; }
td.count { text-align: right; font-variant-numeric: tabular-nums; }
.places { color: #505a5f; font-size: .875rem; }
.error { color: #942514; font-weight: bold; }
.query { color: #1d4f91; font-weight: bold; }
"""


def write(judged: Judged, folder: Path) -> tuple[Path, Path]:
    """Write <name>_check.html and <name>_check.xlsx into `folder`, made if absent; files of before are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    page, book = folder / f"{judged.file.stem}_check.html", folder / f"{judged.file.stem}_check.xlsx"
    counts = list(judged.counts(_PLACES))
    page.write_text(_page(judged, counts), encoding="utf-8", newline="\n")
    _workbook(judged, counts, folder).save(book)
    return page, book


def _page(judged: Judged, counts: Iterable[Count]) -> str:
    title = html.escape(f"{judged.file.name}: check of a SEN2 return")
    about = "".join(f"<p>{html.escape(line.strip())}</p>" for line in report.about(judged))
    rows = "".join(
        f'<tr><td class="{report.LEVELS[count.level]}">{report.LEVELS[count.level]}</td>'
        f"<td>{html.escape(count.rule)}</td>"
        f'<td class="count">{count.count:,}</td><td>{html.escape(count.message)}<br>→ {html.escape(count.what_to_do)}'
        f'<div class="places">{html.escape(report.places(count, judged.file.name))}</div></td></tr>'
        for count in counts
    )
    found = (
        '<table><thead><tr><th scope="col">Level</th><th scope="col">Rule</th><th scope="col">Count</th>'
        f'<th scope="col">What is wrong, what to do, and where</th></tr></thead><tbody>{rows}</tbody></table>'
        if rows
        else f"<p>{html.escape(report.NOTHING)}</p>"
    )
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"</head><body><main><h1>{title}</h1>{about}{found}</main></body></html>\n"
    )


def _workbook(judged: Judged, counts: Iterable[Count], folder: Path) -> Book:
    book = Book(folder)
    summary = ((report.LEVELS[one.level], one.rule, one.count, one.message, one.what_to_do) for one in counts)
    book.add_list("Summary", _SUMMARY, summary)
    book.add_page("About", (110,), ((line.strip(),) for line in report.about(judged)))
    book.add_list("Findings", _FINDINGS, map(_row, judged.findings()), "--format json lists them all.")
    return book


def _row(finding: Finding) -> tuple[Any, ...]:
    return (
        finding.file,
        report.LEVELS[finding.level],
        finding.rule,
        finding.person,
        finding.line,
        ", ".join(finding.elements),
        finding.message,
        finding.what_to_do,
        finding.path,
    )
