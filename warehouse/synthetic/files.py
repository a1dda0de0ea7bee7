"""Extract tables to files as their publishers and suppliers write them. A file with the same bytes is left alone."""

from __future__ import annotations

import filecmp
import io
import json
import re
import zipfile
from pathlib import Path

from openpyxl import Workbook

from warehouse import specification
from warehouse.duck import quoted
from warehouse.specification import Column
from warehouse.synthetic import cin_xml, xml_files
from warehouse.synthetic.extract_table import table, tie
from warehouse.synthetic.world import World

MOST_ROWS_IN_A_SHEET = 100_000
CP1252_FILES = ("edubasealldata",)
CHUNK = 1 << 20

RANK = "Rank (where 1 is most deprived)"
DECILE = "Decile (where 1 is most deprived 10% of LSOAs)"

# Headers that publishers print where the declared header is only a pattern, and columns they print beside ours.
PRINTED = {
    ("geography", "postcode"): {
        "district_code": "lad25cd",
        "ward_code": "wd25cd",
        "easting": "east1m",
        "northing": "north1m",
        "lsoa11_code": "lsoa11cd",
        "lsoa21_code": "lsoa21cd",
        "latitude": "lat",
        "longitude": "long",
    },
    ("geography", "deprivation"): {
        "district_code": "Local Authority District code (2024)",
        "imd_rank": f"Index of Multiple Deprivation (IMD) {RANK}",
        "imd_decile": f"Index of Multiple Deprivation (IMD) {DECILE}",
        "idaci_rank": f"Income Deprivation Affecting Children Index (IDACI) {RANK}",
        "idaci_decile": f"Income Deprivation Affecting Children Index (IDACI) {DECILE}",
    },
    ("geography", "deprivation_2019"): {
        "imd_rank": f"Index of Multiple Deprivation (IMD) {RANK}",
        "imd_decile": f"Index of Multiple Deprivation (IMD) {DECILE}",
        "idaci_rank": f"Income Deprivation Affecting Children Index (IDACI) {RANK}",
        "idaci_decile": f"Income Deprivation Affecting Children Index (IDACI) {DECILE}",
    },
    ("geography", "lsoa_ward"): {
        "ward_code": "ward24_code",
        "ward_name": "ward24_name",
        "district_code": "ltla24_code",
        "district_name": "ltla24_name",
    },
    ("geography", "lsoa_msoa"): {
        "oa21_code": "OA21CD",
        "lsoa21_code": "LSOA21CD",
        "msoa21_code": "MSOA21CD",
        "msoa21_name": "MSOA21NM",
    },
    ("geography", "msoa_name"): {"msoa_name": "msoa21hclnm"},
    ("geography", "district_county"): {
        "district_code": "ltla23_code",
        "district_name": "ltla23_name",
        "county_code": "utla23_code",
        "county_name": "utla23_name",
    },
    ("geography", "population"): {"lsoa_code": "lsoa21_code"},
}


def header_of(source: str, entity: str, column: Column) -> str:
    """The header as its publisher prints it."""
    return PRINTED.get((source, entity), {}).get(column.name, column.printed_header)


def write_all(world: World, drifted_file: str, utf16_files: tuple[str, ...], leave: tuple[str, ...] = ()) -> list[Path]:
    """Write every extract under <home>/inbox but those of the sources to `leave`; returns the files.

    Files with the same bytes are not touched.
    """
    written = []
    for source in specification.sources().values():
        folder = world.settings.home.inbox / source.name
        folder.mkdir(parents=True, exist_ok=True)
        if not source.is_generated or source.name in leave:
            continue
        if source.name == "cin":
            written += _xml_files(world, source.name, folder)
            continue
        if "geojson" in source.meta["formats"]:
            written += _geojson_files(world, source.name, folder)
            continue
        for extract in source.extracts:
            name = table(source.name, extract.entity)
            for (file,) in world.con.execute(f"select distinct _file from {name} order by _file").fetchall():
                if file.endswith(".xml"):
                    if extract.meta["record"] == ".":
                        part = world.settings.home.work / "demo" / f"{source.name}_{file}"
                        xml_files.write(world, source.name, file, part)
                        written.append(keep_if_new(part, folder / file))
                    continue
                written.append(_one_file(world, source.name, extract.entity, file, folder, drifted_file, utf16_files))
    return written


def _one_file(
    world: World, source: str, entity: str, file: str, folder: Path, drifted_file: str, utf16_files: tuple[str, ...]
) -> Path:
    name = table(source, entity)
    if file.endswith(".xlsx") and world.number(f"select count(*) from {name}") >= MOST_ROWS_IN_A_SHEET:
        file = file.replace(".xlsx", ".csv")
    for other in (".xlsx", ".csv"):
        if not file.endswith(other):
            (folder / file).with_suffix(other).unlink(missing_ok=True)
    target, part = folder / file, world.settings.home.work / "demo" / f"{source}_{file}"
    original = file.replace(".csv", ".xlsx") if file == "ehc_appeal.csv" else file
    select = _select(world, source, entity, file == drifted_file)
    query = f"select {select} from {name} where _file = '{original}' order by _sort, {tie(source, entity)}"
    if file.endswith(".xlsx"):
        _xlsx(world, query, specification.extract(source, entity).meta["sheet"], part)
    else:
        world.con.execute(f"copy ({query}) to '{quoted(part)}' (format csv, header)")
        if file.startswith(CP1252_FILES):
            _recode(part, "cp1252")
        elif file in utf16_files:
            _recode(part, "utf-16")
    return keep_if_new(part, target)


def _geojson_files(world: World, source: str, folder: Path) -> list[Path]:
    """A collection per file, its features as the ONS portal writes them: the code's property names kind and year."""
    name = table(source, "area")
    written = []
    for (file,) in world.con.execute(f"select distinct _file from {name} order by _file").fetchall():
        part = world.settings.home.work / "demo" / file
        rows = world.con.execute(
            f"select code_property, area_code, area_name, geometry from {name} where _file = ? order by _sort", [file]
        )
        with part.open("w", encoding="utf-8", newline="\n") as target:
            target.write('{"type": "FeatureCollection", "features": [')
            first = True
            while found := rows.fetchmany(1_000):
                for prop, code, label, geometry in found:
                    properties = json.dumps({prop: code, prop.replace("CD", "NM"): label})
                    feature = f'{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}'
                    target.write(f"{'' if first else ','}\n{feature}")
                    first = False
            target.write("\n]}\n")
        written.append(keep_if_new(part, folder / file))
    return written


def _select(world: World, source: str, entity: str, drifted: bool) -> str:
    extract = specification.extract(source, entity)
    columns = [column for column in extract.columns if column.is_in_a_table]
    parts = []
    for column in columns:
        if column.many:
            parts += [f'persons_{age} as "{age}{"+" if age == 90 else ""}"' for age in range(91)]
            continue
        header = column.aliases[0] if drifted and column.aliases else header_of(source, entity, column)
        parts.append(f'{column.name} as "{header}"')
    if (source, entity) == ("gias", "establishment"):
        return _gias_select(columns)
    if (source, entity) == ("geography", "population"):
        parts.insert(0, '_lsoa_name as "lsoa21_name"')
    return ", ".join(parts)


def _gias_select(columns: list[Column]) -> str:
    """Every column that GIAS prints, in its order; those we do not declare are blank."""
    declared = {column.printed_header: column.name for column in columns}
    printed = [row["header"] for row in specification.rows("gias_header")]
    missing = set(declared) - set(printed)
    if missing:
        raise KeyError(f"gias_header.csv lacks {', '.join(sorted(missing))}")
    return ", ".join(
        f'{declared[header]} as "{header}"' if header in declared else f'null::varchar as "{header}"'
        for header in printed
    )


def _recode(file: Path, encoding: str) -> None:
    """Rewrite a UTF-8 file in another encoding, a piece at a time."""
    other = file.with_suffix(".recoded")
    with file.open(encoding="utf-8", newline="") as source, other.open("w", encoding=encoding, newline="") as target:
        while piece := source.read(CHUNK):
            target.write(piece)
    other.replace(file)


def _xlsx(world: World, query: str, sheet: str, file: Path) -> None:
    """One sheet, written a row at a time; the time stamps that Excel files carry are fixed, so that bytes repeat."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    result = world.con.execute(query)
    page.append([column[0] for column in result.description])
    while rows := result.fetchmany(5_000):
        for row in rows:
            page.append(list(row))
    save(book, file)


def save(book: Workbook, file: Path) -> None:
    """Write a workbook so that the same content has the same bytes."""
    buffer = io.BytesIO()
    book.save(buffer)
    with zipfile.ZipFile(buffer) as made, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as kept:
        for item in sorted(made.infolist(), key=lambda item: item.filename):
            content = made.read(item)
            if item.filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2027-01-21T00:00:00Z", content)
            kept.writestr(zipfile.ZipInfo(item.filename, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def _xml_files(world: World, source: str, folder: Path) -> list[Path]:
    """The CIN census, one message a year, streamed child by child."""
    written = []
    for (file,) in world.con.execute(f"select distinct _file from {table(source, 'child')} order by _file").fetchall():
        year = int(re.search(r"\d{4}", file)[0])
        part = world.settings.home.work / "demo" / file
        with part.open("w", encoding="utf-8", newline="\n") as target:
            target.write('<?xml version="1.0" encoding="utf-8"?>\n<Message>\n')
            target.write(
                f"  <Header><CollectionDetails><Collection>CIN</Collection><Year>{year}</Year>"
                f"<ReferenceDate>{year}-03-31</ReferenceDate></CollectionDetails><Source><SourceLevel>L</SourceLevel>"
                f"<LEA>{world.settings.la_code}</LEA><SoftwareCode>Demonstration</SoftwareCode><Release>1</Release>"
                f"<SerialNo>001</SerialNo><DateTime>{year}-07-01T09:00:00</DateTime></Source></Header>\n  <Children>\n"
            )
            for child in cin_xml.children(world, file):
                target.write(child)
            target.write("  </Children>\n</Message>\n")
        written.append(keep_if_new(part, folder / file))
    return written


def keep_if_new(part: Path, target: Path) -> Path:
    """Move a finished file to its place, unless the same bytes stand there already."""
    if target.is_file() and filecmp.cmp(part, target, shallow=False):
        part.unlink()
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.replace(target)
    return target
