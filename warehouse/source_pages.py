"""The source catalogue, from what is declared: a page of HTML for all sources, and the README of each inbox folder."""

from __future__ import annotations

from pathlib import Path

import jinja2

from warehouse.landing.discover import plain_pattern
from warehouse.specification import Column, Extract, Source, sources

TEMPLATE = "source_pages.html.jinja"
WORLDS = {
    "education": "Education",
    "health": "Health",
    "care": "Social care",
    "money": "Money and travel",
    "reference": "Reference",
}
CERTAINTY = {
    "source": "Read in the publisher's own files or in public code that reads them",
    "memory": "An assumption: no specimen was public. Compare it with a file of yours first",
    "ours": "Our own layout",
}


def write(folder: Path) -> Path:
    """Write `index.html`, self-contained, into `folder`, made if absent: every source, its extracts, their columns."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    worlds = {
        title: [source for source in sources().values() if source.meta["world"] == world]
        for world, title in WORLDS.items()
    }
    page = environment.get_template(TEMPLATE).render(
        worlds={title: found for title, found in worlds.items() if found},
        certainty=CERTAINTY,
        arriving=arriving,
        header=header,
        holds=holds,
        file_name=plain_pattern,
    )
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "index.html"
    target.write_text(page, encoding="utf-8", newline="\n")
    return target


def readme(source: Source) -> str:
    """What to drop into this source's inbox, as Markdown, from the declared layout."""
    lines = [
        f"# {source.title}",
        "",
        f"{source.description}.",
        "",
        f"- Sent by: {source.meta['sender']}",
        f"- Formats: {', '.join(source.meta['formats']).upper()}",
        f"- Rhythm: {source.meta.get('rhythm', 'as it comes')}",
        f"- Dates are read as: {', '.join(source.meta.get('date_formats', ())) or 'not used'}",
        f"- Layout: version {source.meta['layout_version']}, {source.meta['layout_source']}."
        f" {CERTAINTY[source.meta['certainty']]}.",
    ]
    if "note" in source.meta:
        lines[3:3] = ["", source.meta["note"]]
    if "licence" in source.meta:
        lines.append(f"- Licence: {source.meta['licence']}")
    lines += [
        "",
        "Put the date of the extract (2027-01-21 or 20270121) in the file name or in the name of a folder around it;",
        "without one, the as-at date of the settings file is taken. Headers may differ in capitals and punctuation.",
        "Leave older extracts where they are: each file is read once, and the past can be rebuilt from them.",
        "A layout of your own lands by a profile, which `countywide profile FILE` drafts.",
    ]
    for extract in source.extracts:
        lines += ["", *_section(extract)]
    if source.known_not_used:
        lines += ["", "## Known, and not used", "", "Leave these out, or in: landing names them and reads nothing.", ""]
        lines += [f"- `{pattern}`: {reason}" for pattern, reason in source.known_not_used.items()]
    return "\n".join(lines) + "\n"


def arriving(extract: Extract) -> list[Column]:
    """The columns that a file brings, as against those that its name or its reader gives."""
    return [column for column in extract.columns if not (column.from_file_name or column.given)]


def header(column: Column) -> str:
    """Where a column stands in the file: its header, its path in the XML, or either where both kinds are read."""
    names = [column.printed_header] if column.is_in_a_table else []
    return " or ".join([*names, *([column.xpath] if column.xpath else [])])


def holds(column: Column) -> str:
    """What a column holds, in words."""
    said = [column.description or column.data_type]
    if column.code_set:
        said.append(f"codes: code_{column.code_set}")
    if column.header_pattern:
        said.append(f"any header matching `{column.header_pattern}`")
    return "; ".join(said)


def _section(extract: Extract) -> list[str]:
    lines = [
        f"## {extract.entity}",
        "",
        f"{extract.description}. File name matches `{extract.file_pattern}`. One row per {', '.join(extract.key)}.",
        f"Lands in core as {', '.join(extract.meta['feeds'])}.",
        "",
        *(f"- Known to go wrong: {fault}" for fault in extract.meta["faults"]),
        "",
        "| column | required | also accepted | what it holds |",
        "|---|---|---|---|",
    ]
    if "record" in extract.meta and "xml_pattern" in extract.source_meta:
        lines.insert(3, f"XML file names match `{extract.xml_pattern}`.")
    lines += [
        f"| `{header(column)}` | {'yes' if column.required else ''} | {', '.join(column.aliases)} "
        f"| {holds(column).replace('|', chr(92) + '|')} |"
        for column in arriving(extract)
    ]
    if "example" in extract.meta:
        lines += ["", "Such as:", "", "```", extract.meta["example"].strip(), "```"]
    return lines
