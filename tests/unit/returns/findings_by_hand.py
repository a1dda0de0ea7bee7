"""Findings and explanations by hand, and the models over them: rendered without dbt, as the checker renders them."""

from __future__ import annotations

from typing import Any

import duckdb

from tests.unit.returns.sen2_mart import insert
from warehouse import duck, specification
from warehouse.returns.check import rules

AS_AT = "2027-01-21"
YEARS = [2025, 2026, 2027]
_GIVEN = (*rules.RECORDS, rules.FINDINGS, "sen2__value_source", "fct_explanation")


class Findings:
    """Tables in memory. Records, findings and explanations are put in; `judge` runs the models over them."""

    def __init__(self) -> None:
        self._memory = duck.memory()
        self.connection: duckdb.DuckDBPyConnection = self._memory.__enter__()
        project = rules.Project(rules.variables(2026) | {"collection_years": YEARS, "as_at": AS_AT})
        tables = project.tables(["sen2__finding", "sen2__explanation"], (*_GIVEN, *rules.RETURNED))
        rules.run(self.connection, tables["given"])
        self._derived = tables["derived"]

    def close(self) -> None:
        self._memory.__exit__(None, None, None)

    def empty(self) -> None:
        for table in _GIVEN:
            self.connection.execute(f"delete from {table}")

    def put(self, table: str, **values: Any) -> None:
        insert(self.connection, table, [values])

    def record(self, table: str, year: int = 2026, **values: Any) -> None:
        self.put(f"sen2__{table}", collection_year=year, **values)

    def hit(self, flag: str, year: int = 2026, **values: Any) -> str:
        """A broken rule by the name of its flag; returns the key of the finding."""
        rule = next(
            row for row in specification.rows("rule") if row["flag"] == flag and specification.in_force(row, year)
        )
        number = self.connection.execute(f"select count(*) from {rules.FINDINGS}").fetchone()[0]
        row = {
            "finding_key": f"finding {number}",
            "collection_year": year,
            "record_year": year,
            "record_type": rule["module"],
            **{name: rule[name] for name in ("rule_id", "printed_id", "flag", "level", "elements")},
            "message": rule["message"],
            "what_to_do": rule["what_to_do"],
        }
        self.put(rules.FINDINGS, **row | values)
        return row["finding_key"]

    def explain(self, rule_id: str, **values: Any) -> str:
        """An explanation; returns its key."""
        number = self.connection.execute("select count(*) from fct_explanation").fetchone()[0]
        row = {
            "explanation_key": f"explanation {number}",
            "delivered_rule_id": rule_id,
            "rule_id": rule_id,
            "reason": "It is right as it is",
            "explained_by": "Data manager",
            "explained_on": "2027-01-25",
            "is_readable": True,
        }
        self.put("fct_explanation", **row | values)
        return row["explanation_key"]

    def judge(self) -> None:
        rules.run(self.connection, self._derived)

    def values(self) -> dict[str, str | None]:
        """Finding → values at fault."""
        return dict(self.connection.execute("select finding_key, values_at_fault from sen2__finding").fetchall())

    def answers(self) -> dict[str, str]:
        """Finding → the explanation that answers it, of those that are explained."""
        return dict(
            self.connection.execute(
                "select finding_key, explanation_key from sen2__finding where is_explained"
            ).fetchall()
        )

    def states(self) -> dict[tuple[str, int | None], str]:
        """(explanation, collection year) → state."""
        found = self.connection.execute("select explanation_key, collection_year, state from sen2__explanation")
        return {(key, year): state for key, year, state in found.fetchall()}
