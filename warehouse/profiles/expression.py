"""One SQL scalar expression of a profile: parsed by DuckDB, held to its own row, written out again by DuckDB.

What a person wrote never reaches a query as text. It is parsed to a tree, every node of the tree has to be of a kind
named here, and the query gets what DuckDB makes of the tree.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any

import duckdb

from warehouse import duck

# Functions of their arguments alone: no state, no file, no clock, no aggregate. Operators are functions to DuckDB.
FUNCTIONS = frozenset(
    name
    for line in (
        "lower upper trim ltrim rtrim replace translate substr substring left right length concat concat_ws reverse",
        "regexp_matches regexp_full_match regexp_replace regexp_extract split_part strpos instr position contains",
        "starts_with prefix ends_with suffix lpad rpad strip_accents nullif ifnull greatest least",
        "abs round floor ceil ceiling mod add subtract multiply divide",
        "strptime try_strptime strftime year month day date_part datepart date_diff datediff date_add date_sub",
        "date_trunc make_date last_day to_days to_weeks to_months to_years",
        "+ - * / // % || ~~ !~~ ~~* !~~* ~ !~ not",
        "like_escape ilike_escape not_like_escape not_ilike_escape",
    )
    for name in line.split(" ")
)
# Kinds of node, as DuckDB's serialised tree names their classes.
_CLASSES = (
    *("CONSTANT", "COLUMN_REF", "FUNCTION", "OPERATOR", "COMPARISON"),
    *("CONJUNCTION", "CASE", "CAST", "BETWEEN", "TYPE"),
)
_OPERATORS = (
    "OPERATOR_IS_NULL",
    "OPERATOR_IS_NOT_NULL",
    "OPERATOR_NOT",
    "OPERATOR_COALESCE",
    "OPERATOR_NULLIF",
    "COMPARE_IN",
    "COMPARE_NOT_IN",
)
_REFUSED = {
    "SUBQUERY": "a query within",
    "WINDOW": "a function over other rows",
    "LAMBDA": "a lambda",
    "STAR": "a star",
    "PARAMETER": "a parameter",
    "POSITIONAL_REFERENCE": "a column by its place",
}


class ExpressionError(ValueError):
    """An expression that is none, or that reaches beyond its row; the message says what and how to mend it."""


def compiled(text: str, resolve: Callable[[list[str]], list[str]]) -> str:
    """The expression as safe SQL. `resolve` turns the parts of a column's name into those of the query.

    Raises ExpressionError, also where `resolve` does.
    """
    tree = _tree(text)
    for node in _nodes(tree):
        _judge(node)
        if node["class"] == "COLUMN_REF":
            node["column_names"] = resolve(node["column_names"])
    return _written(tree)


def column_names(text: str) -> list[list[str]]:
    """The columns that an expression names, each as the parts of its name. Raises ExpressionError."""
    return [node["column_names"] for node in _nodes(_tree(text)) if node["class"] == "COLUMN_REF"]


def _tree(text: str) -> dict[str, Any]:
    """DuckDB's tree of the only item of `select (…)`."""
    document = json.loads(_ask("select json_serialize_sql(?)", f"select (\n{text}\n)"))
    if document["error"]:
        raise ExpressionError(f"this is no SQL expression: {document['error_message']}")
    statements = document["statements"]
    query = statements[0]["node"] if len(statements) == 1 else {}
    items = query.get("select_list", [])
    if len(items) != 1 or query.get("from_table", {}).get("type") != "EMPTY" or query.get("where_clause"):
        raise ExpressionError("write one expression, and no more than one")
    return document


def _item(tree: dict[str, Any]) -> dict[str, Any]:
    return tree["statements"][0]["node"]["select_list"][0]


def _nodes(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of the expression, wherever DuckDB hangs it."""
    waiting: list[Any] = [_item(tree)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if "class" in part:
                yield part
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part


def _judge(node: dict[str, Any]) -> None:
    kind = node["class"]
    if kind not in _CLASSES or (kind == "OPERATOR" and node["type"] not in _OPERATORS):
        raise ExpressionError(
            f"{_REFUSED.get(kind, node.get('type', kind).replace('_', ' ').lower())} is not allowed: "
            "an expression sees the columns of its own row and nothing else"
        )
    if kind == "FUNCTION":
        name = node["function_name"].lower()
        if name not in FUNCTIONS or node.get("schema") or node.get("catalog"):
            near = get_close_matches(name, FUNCTIONS, n=1)
            raise ExpressionError(
                f"the function {name} is not allowed{f' (is {near[0]} meant?)' if near else ''}; allowed are "
                + ", ".join(sorted(name for name in FUNCTIONS if name[0].isalpha()))
            )
        if node.get("filter") or node.get("distinct") or node.get("order_bys", {}).get("orders"):
            raise ExpressionError(f"{name} takes its arguments and nothing else")


def _written(tree: dict[str, Any]) -> str:
    return _ask("select json_deserialize_sql(?::json)", json.dumps(tree)).removeprefix("SELECT ")


def _ask(query: str, text: str) -> str:
    row = _parser().execute(query, [text]).fetchone()
    return str(row[0]) if row else ""


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duck.sandbox()
