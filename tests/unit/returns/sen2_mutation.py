"""Mutants of the rules: each flag negated, each boundary moved by one, each part of a condition left out.

A flags model is parsed. What its last SELECT says of a flag is mutated there: every mutant is a column beside the flag,
so that all of a model are judged in one query over the records of the cases. What the CTEs above it say is mutated in
the model as a whole, which then runs again. A mutant that gives every record of every case the flags that it had
survives: no case tells it from the rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import duckdb
import sqlglot
from sqlglot import exp

from tests.unit.returns.sen2_mart import YEARS
from warehouse import specification

_STRICTER: dict[type[exp.Expression], type[exp.Expression]] = {
    exp.LT: exp.LTE,
    exp.LTE: exp.LT,
    exp.GT: exp.GTE,
    exp.GTE: exp.GT,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
}
# `<` widened by a day is `<=`; narrowed by a day it is `< x - 1`.
_OTHER_WAY = {exp.LT: -1, exp.LTE: 1, exp.GT: 1, exp.GTE: -1}
# Parts of the names of columns that hold a day, a number, or what only keeps records together.
_DAYS = ("date", "Date", "day", "Meeting", "LastReview", "ReviewDraft", "year_start", "year_end")
_NUMBERS = (
    "_count",
    "_share",
    "_use",
    "age_at",
    "oldest_at",
    "plans_in_force",
    "went_further",
    "is_new_contact",
    "ends_at",
)
_BOOKKEEPING = ("_key", "_id", "collection_year", "source_", "scope_case", "of_return")


@dataclass(frozen=True)
class Mutant:
    """A rule said otherwise: where, how, and the SQL of it (of the flag alone, or of the model as a whole)."""

    model: str
    place: str
    change: str
    sql: str
    year: int | None = None  # the one year in which it can differ
    flags: frozenset[str] = frozenset()  # of a model as a whole: those that it can touch

    @property
    def name(self) -> str:
        return f"{self.model} {self.place}: {self.change}"


@dataclass
class Model:
    """A flags model taken apart.

    `base` selects, for each record, everything that flags are made of: a column for each column or code or threshold
    that the last SELECT names. `flags` are the flags as expressions over it.
    """

    name: str
    tree: exp.Expression
    base: str = ""
    flags: dict[str, exp.Expression] = field(default_factory=dict)
    thresholds: set[str] = field(default_factory=set)
    named: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, name: str, sql: str, flags: set[str]) -> Model:
        """`flags` are the names of the columns that are rules."""
        tree = _named(sqlglot.parse_one(sql, dialect="duckdb"))
        model = cls(name, tree)
        if isinstance(tree, exp.Select):
            model._take_apart(flags)
        return model

    def _take_apart(self, flags: set[str]) -> None:
        tree = self.tree.copy()
        columns: dict[str, str] = {}

        def column(name: str, value: exp.Expression) -> exp.Expression:
            columns[name] = value.sql("duckdb")
            return exp.column(name, quoted=True)

        for projection in tree.expressions:
            if projection.alias_or_name not in flags:
                continue
            expression = projection.this if isinstance(projection, exp.Alias) else projection
            holder = exp.Paren(this=expression.copy())
            for node in list(holder.walk(prune=_is_named)):
                if _is_named(node):
                    name = _words(node)
                    if node.name.startswith("threshold_"):
                        self.thresholds.add(name)
                    if node.name.startswith("named_"):
                        self.named[name] = node.name.removeprefix("named_")
                        column(f"code of {name}", node.expressions[0])
                    node.replace(column(name, node))
                elif isinstance(node, exp.Column):
                    node.replace(column(node.sql("duckdb").replace('"', ""), node))
            self.flags[projection.alias_or_name] = holder.this
        for name in ("collection_year", "person_record_id"):
            columns[name] = next(one for one in tree.expressions if one.alias_or_name == name).sql("duckdb")
        tree.set(
            "expressions",
            [exp.alias_(sqlglot.parse_one(sql, dialect="duckdb"), name, quoted=True) for name, sql in columns.items()],
        )
        self.base = tree.sql("duckdb")

    def flag_mutants(self) -> list[Mutant]:
        """Mutants of what the last SELECT says; each is an expression over `base`."""
        found = []
        for flag, expression in self.flags.items():
            holder = exp.Paren(this=expression.copy())
            found.append(Mutant(self.name, flag, "negated", f"not ({expression.sql('duckdb')})"))
            for node, other in _mutations(holder.this):
                found.append(Mutant(self.name, flag, _change(node, other), _with(holder, node, other)))
            sql = expression.sql("duckdb")
            for column in (one.name for one in expression.find_all(exp.Column)):
                if column in self.thresholds:
                    found += self._window_mutants(flag, column, sql)
                if column in self.named:
                    found += self._code_mutants(flag, column, sql)
        return _distinct(found)

    def _window_mutants(self, flag: str, threshold: str, sql: str) -> Iterator[Mutant]:
        """The years of a threshold's rows, each end moved by one."""
        rule_id, _, parameter = threshold.partition(".")
        for row in specification.rows("rule_parameter"):
            if (row["rule_id"], row["parameter"]) != (rule_id, parameter):
                continue
            for what, year, gains in moved_windows(row):
                value = row["value"] if gains else "null"
                moved = f'case when collection_year = {year} then {value} else "{threshold}" end'
                yield Mutant(self.name, flag, f"{threshold} {what}", sql.replace(f'"{threshold}"', moved), year)

    def _code_mutants(self, flag: str, column: str, sql: str) -> Iterator[Mutant]:
        """Each code that a rule names, left out."""
        for row in specification.rows("rule_code"):
            if row["rule_id"] == self.named[column]:
                fewer = f"""("{column}" and cast("code of {column}" as text) <> '{row["code"]}')"""
                yield Mutant(self.name, flag, f"{column} without code {row['code']}", sql.replace(f'"{column}"', fewer))

    def model_mutants(self) -> list[Mutant]:
        """Mutants of what comes before the last SELECT; each is the SQL of the model, with the flags it can touch."""
        found = []
        tree = self.tree.copy()
        for select in tree.find_all(exp.Select):
            within = select.find_ancestor(exp.CTE)
            if within is None and isinstance(tree, exp.Select):
                continue
            place = within.alias if within is not None else "last select"
            for node, other in _select_mutations(select):
                column = node.find_ancestor(exp.Alias, exp.Select)
                named = isinstance(column, exp.Alias)
                touched = self._touched(column.alias) if named else set(self.flags)
                if touched or not self.flags:
                    where = f"{place}.{column.alias}" if named else place
                    sql = self._with_flags(tree, node, other, touched)
                    found.append(Mutant(self.name, where, _change(node, other), sql, flags=frozenset(touched)))
        return _distinct(found)

    def _touched(self, column: str) -> set[str]:
        """The flags that a column of a CTE reaches, by name."""
        reached = {column}
        for cte in self.tree.ctes:
            for projection in cte.this.expressions:
                if any(one.name in reached for one in projection.find_all(exp.Column)):
                    reached.add(projection.alias_or_name)
        projections = self.tree.expressions if isinstance(self.tree, exp.Select) else []
        return {
            projection.alias
            for projection in projections
            if projection.alias in self.flags and any(one.name in reached for one in projection.find_all(exp.Column))
        }

    def _with_flags(self, tree: exp.Expression, node: exp.Expression, other: exp.Expression, flags: set[str]) -> str:
        if not isinstance(tree, exp.Select):
            return _with(tree, node, other)
        every = tree.expressions
        tree.set("expressions", [one for one in every if one.alias not in self.flags or one.alias in flags])
        sql = _with(tree, node, other)
        tree.set("expressions", every)
        return sql


def moved_windows(row: dict[str, str]) -> Iterator[tuple[str, int, bool]]:
    """Each end of a row's years moved by one, as (how, the year that it gains or loses, whether it gains it)."""
    first, last = int(row["first_year"] or YEARS[0]), int(row["last_year"] or YEARS[-1])
    yield "from a year later", first, False
    yield "until a year earlier", last, False
    if row["first_year"] and first - 1 in YEARS:
        yield "from a year earlier", first - 1, True
    if row["last_year"] and last + 1 in YEARS:
        yield "until a year later", last + 1, True


def _named(tree: exp.Expression) -> exp.Expression:
    """The tree with look-ups of the spec's rows, and ages, as functions: threshold_…(), code_…(), named_…(), age()."""

    def name(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select):
            table = node.this.find(exp.Table)
            if table is not None and table.name == "rule_parameter":
                rule_id, parameter = _texts(node.this)
                return _call(f"threshold_{rule_id}_{parameter}", node.this.find(exp.Between).this)
        inside = node.this if isinstance(node, exp.Coalesce) else node
        if isinstance(inside, exp.In) and inside.args.get("query"):
            select = inside.args["query"].find(exp.Select)
            table, texts = select.find(exp.Table).name, _texts(select)
            if table == "sen2__element_year":
                return _call("in_year_" + "_".join(texts), inside.this)
            if isinstance(node, exp.Coalesce) and table == "sen2__code":
                year = next(one.expression for one in select.find_all(exp.EQ) if one.this.name == "collection_year")
                return _call(f"code_{texts[0]}", inside.this, year)
            if isinstance(node, exp.Coalesce) and table == "rule_code":
                return _call(f"named_{texts[0]}", inside.this)
        if isinstance(node, exp.Cast) and isinstance(node.this, exp.Sub) and isinstance(node.this.expression, exp.Case):
            years = node.this.this
            if isinstance(years, exp.Sub):
                return _call("age", years.expression.expression, years.this.expression)
            return _call("academic_year", years.expression)
        return node

    return tree.transform(name)


def macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the functions of `_named`, with the rows of the spec as constants: look-ups in tables would take minutes."""
    make = ["age(born, day) as " + _AGE, "academic_year(day) as year(day) - case when month(day) < 9 then 1 else 0 end"]
    thresholds = connection.execute("select distinct rule_id, parameter from rule_parameter").fetchall()
    for rule_id, parameter in thresholds:
        rows = [
            row
            for row in specification.rows("rule_parameter")
            if (row["rule_id"], row["parameter"]) == (rule_id, parameter)
        ]
        values = [
            f"when {row['first_year'] or 0} <= y and y <= {row['last_year'] or 9999} then {row['value']}"
            for row in rows
        ]
        make.append(f"threshold_{rule_id}_{parameter}(y) as cast(case {' '.join(values)} end as double)")
    for code_set, years in _gathered(connection, "select code_set, code, collection_year from sen2__code").items():
        make.append(f"code_{code_set}(value, y) as coalesce({_one_of(years)}, false)")
    for rule_id, codes in _gathered(connection, "select rule_id, '', code from rule_code").items():
        listed = ", ".join(f"'{code}'" for code in codes[""])
        make.append(f"named_{rule_id}(value) as coalesce(value in ({listed}), false)")
    items = "select module || '_' || element, '', collection_year from sen2__element_year"
    for item, years in _gathered(connection, items).items():
        make.append(f"in_year_{item}(y) as y in ({', '.join(map(str, years['']))})")
    for text in make:
        connection.execute(f"create macro {text}")


_AGE = """cast(
    year(day) - year(born)
    - case when month(day) * 100 + day(day) < month(born) * 100 + day(born) then 1 else 0 end as integer
)"""


def _gathered(connection: duckdb.DuckDBPyConnection, query: str) -> dict[str, dict[str, list[str]]]:
    """First column → second → the values of the third."""
    found: dict[str, dict[str, list[str]]] = {}
    for first, second, third in connection.execute(f"{query} order by all").fetchall():
        found.setdefault(first, {}).setdefault(second, []).append(third)
    return found


def _one_of(years: dict[str, list[str]]) -> str:
    """Whether a value is one of the codes, each in its years."""
    by_years: dict[tuple[str, ...], list[str]] = {}
    for code, when in years.items():
        by_years.setdefault(tuple(when), []).append(code)
    return " or ".join(
        f"(y in ({', '.join(map(str, when))}) and value in ({', '.join(repr(code) for code in codes)}))"
        for when, codes in by_years.items()
    )


def _texts(select: exp.Expression) -> list[str]:
    return [one.name for one in select.find_all(exp.Literal) if one.is_string]


def _call(function: str, *values: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this=function, expressions=[value.copy() for value in values])


def _is_named(node: exp.Expression) -> bool:
    return isinstance(node, exp.Anonymous) and node.name.startswith(("threshold_", "code_", "named_", "in_year_"))


def _words(node: exp.Expression) -> str:
    """What a look-up is called in the description of a mutant, and as a column."""
    kind, _, rest = node.name.partition("_")
    if kind == "threshold":
        return rest.replace("_", ".", 1)
    return f"{rest}({node.expressions[0].sql('duckdb')})".replace('"', "")


def _mutations(root: exp.Expression) -> Iterator[tuple[exp.Expression, exp.Expression]]:
    """(part of an expression, what stands in its place), one at a time."""
    for node in root.walk(prune=_is_opaque):
        if not _is_opaque(node):
            yield from ((node, other) for other in _others(node))


def _is_opaque(node: exp.Expression) -> bool:
    """Look-ups, arithmetic and patterns are not taken further apart; check digits have tests of their own."""
    checks_digits = isinstance(node, exp.Case) and node.find(exp.Mod) is not None
    return checks_digits or _is_named(node) or isinstance(node, (exp.Mul, exp.RegexpFullMatch, exp.Substring))


def _short(node: exp.Expression) -> str | None:
    """A few words for what would fill a line."""
    if _is_named(node):
        return _words(node)
    if isinstance(node, exp.RegexpFullMatch):
        return f"{node.this.sql('duckdb')} is well formed"
    if isinstance(node, exp.Case) and node.find(exp.Mod) is not None:
        return "check digits are right"
    return None


def _others(node: exp.Expression) -> Iterator[exp.Expression]:
    if isinstance(node, (exp.And, exp.Or)):
        yield node.this
        yield node.expression
    elif isinstance(node, exp.Anonymous) and node.name in ("age", "academic_year"):
        for by in (-1, 1):
            other = node.copy()
            other.set("expressions", [*node.expressions[:-1], _move(node.expressions[-1], by)])
            yield other
    elif isinstance(node, exp.Not):
        yield node.this
    elif isinstance(node, exp.Is):
        if not isinstance(node.parent, exp.Not):
            yield exp.not_(exp.paren(node.copy()))
    elif type(node) in _STRICTER:
        yield _STRICTER[type(node)](this=node.this.copy(), expression=node.expression.copy())
        yield from _shifted(node)
    elif isinstance(node, exp.Between):
        for end in ("low", "high"):
            for by in (-1, 1):
                other = node.copy()
                moved = _move(node.args[end], by)
                if moved is not None:
                    other.set(end, moved)
                    yield other
    elif isinstance(node, exp.In):
        for place in range(len(node.expressions)):
            other = node.copy()
            del other.expressions[place]
            yield other if other.expressions else exp.false()
    elif isinstance(node, exp.Coalesce):
        parts = [node.this, *node.expressions]
        if isinstance(parts[-1], exp.Boolean):
            other = node.copy()
            other.set("expressions", [exp.Boolean(this=not parts[-1].this)])
            yield other
        elif not isinstance(parts[-1], exp.Literal):
            yield from parts


def _shifted(node: exp.Expression) -> Iterator[exp.Expression]:
    """A comparison with one side moved the way that loosening or tightening it does not."""
    ways = (_OTHER_WAY[type(node)],) if type(node) in _OTHER_WAY else (-1, 1)
    if not (_unit(node.this) or _unit(node.expression)):
        return
    for by in ways:
        moved = _move(node.expression, by)
        if moved is not None:
            yield type(node)(this=node.this.copy(), expression=moved)
    if isinstance(node, exp.NEQ):
        yield exp.LT(this=node.this.copy(), expression=node.expression.copy())
        yield exp.GT(this=node.this.copy(), expression=node.expression.copy())


def _move(value: exp.Expression, by: int) -> exp.Expression | None:
    """One day or one more or fewer, a share by a fifth; a date written as text is moved before it is written."""
    if isinstance(value, exp.Cast) and value.to.is_type("text"):
        inside = _move(value.this, by)
        return None if inside is None else exp.Cast(this=inside, to=value.to.copy())
    if isinstance(value, exp.Literal) and value.is_string:
        return None
    if _unit(value) == "share":
        return exp.paren(exp.Mul(this=value.copy(), expression=exp.Literal.number("1.2" if by > 0 else "0.8")))
    kind = exp.Add if by > 0 else exp.Sub
    return exp.paren(kind(this=exp.paren(value.copy()), expression=exp.Literal.number("1")))


def _unit(value: exp.Expression) -> str | None:
    """Whether a value can be moved by one: a day, a number or a share; None for text and truth."""
    if isinstance(value, exp.Literal):
        return None if value.is_string else "number"
    if isinstance(
        value, (exp.Add, exp.Sub, exp.Mul, exp.Extract, exp.DateDiff, exp.Abs, exp.Case, exp.Date, exp.DateFromParts)
    ):
        return "number"
    if isinstance(value, exp.Cast):
        return _unit(value.this) if value.to.is_type("text") else "number"
    if isinstance(value, exp.Paren):
        return _unit(value.this)
    if isinstance(value, exp.Coalesce):
        return _unit(value.this)
    if isinstance(value, exp.Anonymous):
        return "share" if value.name.endswith("_share") else "number"
    name = value.name
    if name.endswith(".share") or name.endswith("_share"):
        return "share"
    if "." in name and name.split(".")[0][1:].isdigit():
        return "number"
    if name.split(".")[-1] == "DateTime":
        return None
    return "number" if any(part in name for part in (*_DAYS, *_NUMBERS)) else None


def _select_mutations(select: exp.Select) -> Iterator[tuple[exp.Expression, exp.Expression]]:
    """Of one SELECT: its columns, its WHERE and HAVING, and what a join asks beyond the keys."""
    for part in (*select.expressions, select.args.get("where"), select.args.get("having")):
        if part is not None:
            yield from _mutations_here(part)
    for join in select.args.get("joins") or []:
        if join.args.get("on"):
            yield from _mutations_here(join.args["on"])


def _mutations_here(part: exp.Expression) -> Iterator[tuple[exp.Expression, exp.Expression]]:
    """Mutations outside subqueries; how records are joined to each other is no boundary of a rule."""
    for node, other in _mutations(part):
        inner = node.find_ancestor(exp.Subquery, exp.Exists)
        if inner is not None and part.find_ancestor(exp.Subquery, exp.Exists) is not inner:
            continue
        if _is_key(node) or (
            isinstance(node, (exp.And, exp.Or)) and any(_is_key(one) for one in (node.this, node.expression))
        ):
            continue
        yield node, other


def _is_key(node: exp.Expression) -> bool:
    """Whether a comparison only joins records."""
    while isinstance(node, exp.Paren):
        node = node.this
    if isinstance(node, exp.And):
        return _is_key(node.this) or _is_key(node.expression)
    columns = [column.name for column in node.find_all(exp.Column)]
    return isinstance(node, (exp.EQ, exp.NEQ)) and any(part in name for name in columns for part in _BOOKKEEPING)


def _with(root: exp.Expression, node: exp.Expression, other: exp.Expression) -> str:
    """The SQL of the whole with one part replaced; the tree is as it was afterwards."""
    other = exp.paren(other.copy())
    parent, key, index = node.parent, node.arg_key, node.index
    node.replace(other)
    sql = root.sql("duckdb")
    other.replace(node)
    assert (node.parent, node.arg_key, node.index) == (parent, key, index)
    return sql


def _change(node: exp.Expression, other: exp.Expression) -> str:
    if isinstance(node, (exp.And, exp.Or)):
        return f"without [{_say(node.expression if other is node.this else node.this)}]"
    if isinstance(node, exp.Coalesce) and isinstance(node.expressions[-1], exp.Boolean):
        return f"{'false' if node.expressions[-1].this else 'true'} where blank [{_say(node.this)}]"
    if isinstance(node, exp.Not):
        return f"without the not [{_say(node)}]"
    return f"[{_say(node)}] becomes [{_say(other)}]"


def _say(node: exp.Expression) -> str:
    holder = exp.Paren(this=node.copy())
    for one in list(holder.walk(prune=lambda one: _short(one) is not None)):
        words = _short(one)
        if words:
            one.replace(exp.column(words, quoted=True))
    return holder.this.sql("duckdb", comments=False).replace('"', "")


def _distinct(mutants: list[Mutant]) -> list[Mutant]:
    """One mutant for each SQL; where one description fits several, they are numbered."""
    by_sql = {mutant.sql: mutant for mutant in mutants}
    seen: dict[str, int] = {}
    found = []
    for mutant in by_sql.values():
        seen[mutant.name] = seen.get(mutant.name, 0) + 1
        number = f" ({seen[mutant.name]})" if seen[mutant.name] > 1 else ""
        found.append(replace(mutant, change=mutant.change + number))
    return found
