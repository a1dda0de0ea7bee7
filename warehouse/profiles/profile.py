"""Profiles read from YAML, checked against the schema and the declared extracts, with the line of every fault."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from warehouse.profiles import expression
from warehouse.settings import REPOSITORY
from warehouse.specification import Column, Extract, codes, normal_header, sources

SHIPPED = REPOSITORY / "warehouse" / "profiles"
SCHEMA = SHIPPED / "profile.schema.json"

# The row that a part is made of; joined files have names of their own.
ROW = "r"
# The parser in C, where the package has it, is several times as fast.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WHOLE_NUMBERS = ("header_row", "skip_rows")
_SWITCHES = ("required",)
# A profile of every extract has a few thousand nodes, and none is deeper than eight.
_MOST_NODES, _DEEPEST = 100_000, 24
_DIRECTIVES = set("YymdBbHMSIpjf")


class ProfileError(ValueError):
    """A profile that says something impossible. The message has file, line and key, and how to mend it."""


@dataclass(frozen=True)
class Filter:
    """Rows of a file that are refused, as SQL over `r`, and the reason that people read."""

    where: str
    reason: str


@dataclass(frozen=True)
class File:
    """One file of a delivery. `columns` maps each column that is read to its other names."""

    name: str
    pattern: str
    sheet: str
    header_row: int
    skip_rows: int
    drops_totals: bool
    fill_down: tuple[str, ...]
    filters: tuple[Filter, ...]
    ignored: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    required: frozenset[str]


@dataclass(frozen=True)
class Join:
    """A file beside the row: of several rows with one key the last counts. `where` is SQL over the joined file as `r`,
    `on` maps SQL over the row, or over a file joined before, to a column of this one."""

    alias: str
    file: str
    where: str
    on: dict[str, str]
    is_required: bool


@dataclass(frozen=True)
class Split:
    """A cell with several values."""

    column: str
    separator: str
    value: str
    rank: str


@dataclass(frozen=True)
class Unpivot:
    """Columns side by side: name → the columns that it stands for, by place."""

    columns: dict[str, tuple[str, ...]]
    rank: str


@dataclass(frozen=True)
class Field:
    """How a canonical column is made. `sql` is an expression over `r` and the joined files, before blanks and codes."""

    name: str
    sql: str
    date_formats: tuple[str, ...]
    blanks: tuple[str, ...]
    codes: dict[str, str]
    line: int


@dataclass(frozen=True)
class Part:
    """Rows of one file that become rows of an extract."""

    source_file: str
    where: str
    joins: tuple[Join, ...]
    split: Split | None
    unpivot: Unpivot | None
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Profile:
    """One profile. `hash` is that of all it says: a changed profile reads its files anew."""

    name: str
    source: str
    certainty: str
    note: str
    path: Path
    hash: str
    files: dict[str, File]
    extracts: dict[str, tuple[Part, ...]]
    groups: tuple[frozenset[str], ...] = field(default=())

    @property
    def is_own(self) -> bool:
        """Whether it is the council's, and not shipped."""
        return not self.path.is_relative_to(SHIPPED)

    @property
    def is_assumption(self) -> bool:
        return self.certainty == "memory"

    @property
    def stamp(self) -> str:
        """What a receipt says of it."""
        return f"{self.name} {self.hash[:8]}"


@cache
def shipped() -> tuple[Profile, ...]:
    """Every profile of the project."""
    return tuple(load(path) for path in sorted(SHIPPED.glob("*/*.yml")))


def known(home: Path) -> tuple[Profile, ...]:
    """Every profile that counts in a home, a council's own (<home>/profiles) first. Raises ProfileError."""
    own = [load(path) for path in sorted((home / "profiles").glob("*.yml"))]
    names = [profile.name for profile in own]
    for profile in own:
        if names.count(profile.name) > 1:
            raise ProfileError(f"{profile.path}:1: profile: another profile here is named {profile.name}. Rename one.")
    return (*own, *(profile for profile in shipped() if profile.name not in names))


def load(path: Path) -> Profile:
    """One profile file. Raises ProfileError."""
    try:
        return parse(path.read_text(encoding="utf-8-sig"), path)
    except UnicodeDecodeError:
        raise ProfileError(f"{path}:1: the profile: not UTF-8. Save it as UTF-8 in the editor.") from None


def parse(text: str, path: Path) -> Profile:
    """A profile from its text; `path` is for messages. Raises ProfileError."""
    return _Reader(text, path).profile()


class _Reader:
    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        self.lines: dict[tuple[str | int, ...], int] = {(): 1}
        try:
            self._refuse_depth(text)
            node = yaml.compose(text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise ProfileError(
                f"{path}:{line}: this is no YAML: {error.problem}. Look for a quote or a blank."
            ) from None
        except yaml.YAMLError:
            raise ProfileError(
                f"{path}:1: this is no YAML: it holds a character that no text has. Save it as plain text in UTF-8."
            ) from None
        self.nodes = 0
        self.document: Any = self._plain(node, ()) if node else {}
        self._against_schema()
        self.hash = hashlib.sha256(json.dumps(self.document, sort_keys=True).encode()).hexdigest()

    def _refuse_depth(self, text: str) -> None:
        """Composing is recursive in C, where too deep a document ends the process. Raises ProfileError, YAMLError."""
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise ProfileError(
                    f"{self.path}:{event.start_mark.line + 1}: the profile is nested more than {_DEEPEST} deep. "
                    "Look for a bracket that is opened and not closed."
                )

    def profile(self) -> Profile:
        given = self.document
        source = given["source"]
        if source not in sources():
            raise self._error(("source",), f"{source} is no declared source{_near(source, sources())}")
        self.declared = {extract.entity: extract for extract in sources()[source].extracts}
        self.files: dict[str, dict[str, Any]] = given["files"]
        self.patterns = {name: self._pattern(name, file["pattern"]) for name, file in self.files.items()}
        self.columns: dict[str, dict[str, tuple[str, ...]]] = {name: {} for name in self.files}
        self.required: dict[str, set[str]] = {name: set() for name in self.files}
        extracts = {}
        for entity, parts in given["extracts"].items():
            place = ("extracts", entity)
            if entity not in self.declared:
                raise self._error(place, f"{source} has no extract {entity}{_near(entity, self.declared)}")
            if isinstance(parts, list):
                extracts[entity] = tuple(
                    self._part(part, entity, (*place, number)) for number, part in enumerate(parts)
                )
            else:
                extracts[entity] = (self._part(parts, entity, place),)
        files = {name: self._file(name, file) for name, file in self.files.items()}
        read = {file for parts in extracts.values() for part in parts for file in _files_of(part)}
        for name in files:
            if name not in read:
                raise self._error(("files", name), "no extract reads this file. Name it under `from`, or delete it")
        return Profile(
            name=given["profile"],
            source=source,
            certainty=given["certainty"],
            note=given.get("note", ""),
            path=self.path,
            hash=self.hash,
            files=files,
            extracts=extracts,
            groups=_groups(files, extracts),
        )

    def _pattern(self, name: str, pattern: str) -> re.Pattern[str]:
        try:
            return re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise self._error(("files", name, "pattern"), f"no regular expression: {error}") from None

    def _file(self, name: str, given: dict[str, Any]) -> File:
        place = ("files", name)
        filters = tuple(
            Filter(self._expression(each["where"], (*place, "filters", number, "where"), name), each["reason"])
            for number, each in enumerate(given.get("filters", ()))
        )
        for number, column in enumerate(given.get("fill_down", ())):
            self._use(name, [column], (*place, "fill_down", number), required=True)
        return File(
            name=name,
            pattern=given["pattern"],
            sheet=given.get("sheet", ""),
            header_row=given.get("header_row", 1),
            skip_rows=given.get("skip_rows", 0),
            drops_totals=given.get("totals") == "drop",
            fill_down=tuple(given.get("fill_down", ())),
            filters=filters,
            ignored=tuple(given.get("ignore", ())),
            columns=dict(self.columns[name]),
            required=frozenset(self.required[name]),
        )

    def _part(self, given: dict[str, Any], entity: str, place: tuple[str | int, ...]) -> Part:
        file = given["from"]
        self._known_file(file, (*place, "from"))
        joins: tuple[Join, ...] = ()
        for alias, join in given.get("join", {}).items():
            joins = (*joins, self._join(alias, join, file, joins, (*place, "join", alias)))
        split, unpivot = given.get("split"), given.get("unpivot")
        if split and unpivot:
            raise self._error((*place, "split"), "one part cannot both split and unpivot. Make two parts of it")
        made: list[str] = []
        if split:
            self._use(file, [split["column"]], (*place, "split", "column"), required=True)
            made = [split["value"], *([split["rank"]] if "rank" in split else [])]
        elif unpivot:
            lengths = {len(columns) for columns in unpivot["columns"].values()}
            if len(lengths) > 1:
                raise self._error((*place, "unpivot", "columns"), "the lists are of different lengths")
            for name, columns in unpivot["columns"].items():
                for number, column in enumerate(columns):
                    # The first shows that the layout is this one; a file may have fewer of the others.
                    self._use(file, [column], (*place, "unpivot", "columns", name, number), required=number == 0)
            made = [*unpivot["columns"], *([unpivot["rank"]] if "rank" in unpivot else [])]
        where = self._expression(given["where"], (*place, "where"), file) if "where" in given else "true"
        extract = self.declared[entity]
        fields = tuple(
            self._field(name, its, extract, file, joins, tuple(made), (*place, "columns", name))
            for name, its in given["columns"].items()
        )
        groups = self.patterns[file].groupindex
        missing = [
            column.name
            for column in extract.columns
            if (column.required or (column.from_file_name and column.name in extract.period))
            and column.name not in given["columns"]
            and not (column.from_file_name and column.name in groups)
        ]
        if missing:
            raise self._error(
                (*place, "columns"), f"{entity} needs {', '.join(missing)}. Map it to a column, or give a constant"
            )
        return Part(
            source_file=file,
            where=where,
            joins=joins,
            split=Split(split["column"], split["separator"], split["value"], split.get("rank", "")) if split else None,
            unpivot=Unpivot({name: tuple(names) for name, names in unpivot["columns"].items()}, unpivot.get("rank", ""))
            if unpivot
            else None,
            fields=fields,
        )

    def _join(
        self, alias: str, given: dict[str, Any], file: str, before: tuple[Join, ...], place: tuple[str | int, ...]
    ) -> Join:
        if alias == ROW:
            raise self._error(place, f"{ROW} is the row itself. Choose another name")
        self._known_file(given["file"], (*place, "file"))
        on = {}
        for mine, theirs in given["on"].items():
            of, _, column = mine.rpartition(".")
            earlier = next((join for join in before if join.alias == of), None)
            left = self._use(
                earlier.file if earlier else file, [column if earlier else mine], (*place, "on", mine), True
            )
            right = self._use(given["file"], [theirs], (*place, "on", mine), required=True)
            on[f"{earlier.alias if earlier else ROW}.{quoted(left)}"] = right
        where = self._expression(given["where"], (*place, "where"), given["file"]) if "where" in given else "true"
        return Join(alias, given["file"], where, on, given.get("required", False))

    def _field(
        self,
        name: str,
        given: Any,
        extract: Extract,
        file: str,
        joins: tuple[Join, ...],
        made: tuple[str, ...],
        place: tuple[str | int, ...],
    ) -> Field:
        declared = {column.name: column for column in extract.columns if not column.many}
        if name not in declared:
            raise self._error(place, f"{extract.name} has no column {name}{_near(name, declared)}")
        column = declared[name]
        its: dict[str, Any] = given if isinstance(given, dict) else {"column": given}
        ways = [way for way in ("column", "expression", "constant") if way in its]
        if len(ways) != 1:
            raise self._error(place, "say one of column, expression or constant")
        if ways == ["column"]:
            names = its["column"] if isinstance(its["column"], list) else [its["column"]]
            sql = self._column(names, its.get("of", ""), file, joins, made, place, column.required)
        elif ways == ["constant"]:
            sql = text(str(its["constant"]))
        else:
            sql = self._expression(its["expression"], (*place, "expression"), file, joins, made)
        crosswalk = {str(theirs).strip().upper(): str(ours) for theirs, ours in its.get("codes", {}).items()}
        self._known_codes(column, [*crosswalk.values(), *([str(its["constant"])] if "constant" in its else [])], place)
        formats = tuple(its.get("date_formats") or self.document.get("date_formats", ()))
        blanks = tuple(its.get("blanks", ())) + tuple(self.document.get("blanks", ()))
        return Field(
            name=name,
            sql=sql,
            date_formats=self._formats(formats, place) if column.data_type == "date" else (),
            blanks=blanks,
            codes=crosswalk,
            line=self.lines.get(place, 1),
        )

    def _column(
        self,
        names: list[str],
        of: str,
        file: str,
        joins: tuple[Join, ...],
        made: tuple[str, ...],
        place: tuple[str | int, ...],
        required: bool,
    ) -> str:
        if of:
            join = next((join for join in joins if join.alias == of), None)
            if not join:
                raise self._error((*place, "of"), f"no file is joined as {of}{_near(of, [j.alias for j in joins])}")
            return f"{of}.{quoted(self._use(join.file, names, place, required))}"
        if len(names) == 1 and names[0] in made:
            return f"{ROW}.{quoted(names[0])}"
        return f"{ROW}.{quoted(self._use(file, names, place, required))}"

    def _expression(
        self,
        written: str,
        place: tuple[str | int, ...],
        file: str,
        joins: tuple[Join, ...] = (),
        made: tuple[str, ...] = (),
    ) -> str:
        aliases = {join.alias: join.file for join in joins}

        def resolve(names: list[str]) -> list[str]:
            if len(names) == 2 and names[0] in aliases:
                return [names[0], self._use(aliases[names[0]], [names[1]], place, required=False)]
            if len(names) == 2 and names[0] != ROW:
                raise expression.ExpressionError(
                    f"no file is joined as {names[0]}{_near(names[0], aliases)}; text stands in single quotes"
                )
            if len(names) > 2:
                raise expression.ExpressionError('a column is written "its name", or file."its name" where joined')
            if names[-1] in made:
                return [ROW, names[-1]]
            return [ROW, self._use(file, [names[-1]], place, required=False)]

        try:
            return expression.compiled(written, resolve)
        except expression.ExpressionError as error:
            raise self._error(place, f"{error}") from None

    def _use(self, file: str, names: list[str], place: tuple[str | int, ...], required: bool) -> str:
        """Note that a column of a file is read; returns the name under which its first mention knows it."""
        if not all(normal_header(name) for name in names):
            raise self._error(place, "a column needs a letter or digit in its name")
        known = self.columns[file]
        normal = {normal_header(name) for name in names}
        mentions = ((own, {normal_header(each) for each in (own, *others)}) for own, others in known.items())
        first = next((own for own, its in mentions if its & normal), names[0])
        others = dict.fromkeys((*known.get(first, ()), *(name for name in names if name != first)))
        known[first] = tuple(others)
        if required:
            self.required[file].add(first)
        return first

    def _known_file(self, file: str, place: tuple[str | int, ...]) -> None:
        if file not in self.files:
            raise self._error(place, f"there is no file {file} under files{_near(file, self.files)}")

    def _known_codes(self, column: Column, given: list[str], place: tuple[str | int, ...]) -> None:
        if not column.code_set:
            return
        known = codes(column.code_set)
        for code in given:
            if code and code not in known:
                raise self._error(place, f"{code} is no code of {column.code_set}{_near(code, known)}")

    def _formats(self, formats: tuple[str, ...], place: tuple[str | int, ...]) -> tuple[str, ...]:
        for form in formats:
            directives = re.findall(r"%-?(.)", form)
            if not directives or set(directives) - _DIRECTIVES:
                raise self._error(place, f"{form} is no date format. Write day, month and year as %d/%m/%Y")
        return formats

    def _against_schema(self) -> None:
        """The first fault by line: people mend from the top."""
        faults = sorted(
            (self.lines.get(self._place(fault), 1), fault.message, fault)
            for fault in map(_inmost, _validator().iter_errors(self.document))
        )
        if faults:
            fault = faults[0][2]
            raise self._error(self._place(fault), _words(fault))

    def _place(self, fault: Any) -> tuple[str | int, ...]:
        """Where a fault is; of a key too many the key itself."""
        place = tuple(fault.absolute_path)
        if fault.validator == "additionalProperties":
            extra = [key for key in fault.instance if key not in fault.schema.get("properties", {})]
            return (*place, extra[0]) if extra else place
        return place

    def _plain(self, node: yaml.Node, place: tuple[str | int, ...]) -> Any:
        """The document with every scalar as text, but for whole numbers and switches, and the line of each key."""
        self.lines.setdefault(place, node.start_mark.line + 1)
        self.nodes += 1
        if self.nodes > _MOST_NODES or len(place) > _DEEPEST:
            # An alias stands for all that its anchor has, and may be within it: a few lines are then endless.
            raise self._error(place[:3], "the profile grows without end here. Write out what * stands for")
        if isinstance(node, yaml.MappingNode):
            found: dict[str, Any] = {}
            for key, value in node.value:
                name = str(key.value)
                if name in found:
                    raise ProfileError(
                        f"{self.path}:{key.start_mark.line + 1}: {_dotted((*place, name))}: the key stands here twice. "
                        "Delete one."
                    )
                self.lines[(*place, name)] = key.start_mark.line + 1
                found[name] = self._plain(value, (*place, name))
            return found
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(value, (*place, number)) for number, value in enumerate(node.value)]
        value = str(node.value)
        if place and place[-1] in _WHOLE_NUMBERS and value.isdigit():
            return int(value)
        if place and place[-1] in _SWITCHES and value in ("true", "false"):
            return value == "true"
        return value

    def _error(self, place: tuple[str | int, ...], said: str) -> ProfileError:
        line = next(self.lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in self.lines)
        return ProfileError(f"{self.path}:{line}: {_dotted(place)}: {said}.")


def text(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def _inmost(fault: Any) -> Any:
    """Of alternatives the fault of the one that was meant: the deepest."""
    while fault.context:
        fault = max(fault.context, key=lambda inner: len(inner.absolute_path))
    return fault


def _words(fault: Any) -> str:
    if fault.validator == "additionalProperties":
        known = fault.schema.get("properties", {})
        extra = next(key for key in fault.instance if key not in known)
        return f"this key is not known{_near(extra, known)}; known are {', '.join(known)}"
    if fault.validator == "required":
        missing = [key for key in fault.validator_value if key not in fault.instance]
        return f"{', '.join(missing)} is missing"
    if fault.validator == "enum":
        return f"should be one of {', '.join(fault.validator_value)}"
    return str(fault.message)


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" (is {near[0]} meant?)" if near else ""


def _dotted(place: tuple[str | int, ...]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place) or "the profile"


def _files_of(part: Part) -> Iterator[str]:
    yield part.source_file
    yield from (join.file for join in part.joins)


def _groups(files: dict[str, File], extracts: dict[str, tuple[Part, ...]]) -> tuple[frozenset[str], ...]:
    """Files that have to be read together: those of one extract, and what is joined with them."""
    groups = [{name} for name in files]
    for parts in extracts.values():
        together = {file for part in parts for file in _files_of(part)}
        touched = [group for group in groups if group & together]
        groups = [group for group in groups if not group & together] + [set().union(*touched)]
    return tuple(frozenset(group) for group in groups)
