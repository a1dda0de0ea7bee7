"""Core rows by hand, and the record models of the mart over them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from tests.unit.returns.sen2_mart import Mart, insert

YEAR = 2026
RECORD_MODELS = (
    "sen2__element_year",
    "sen2__code",
    "sen2__plan_version",
    "sen2__case",
    "sen2__out_of_scope",
    "sen2__placement_known",
    "sen2__header",
    "sen2__person",
    "sen2__requests",
    "sen2__assessment",
    "sen2__named_plan",
    "sen2__plan_detail",
    "sen2__active_plans",
    "sen2__placement_detail",
    "sen2__sen_need",
    "sen2__left_out",
)
FLAGS = (
    "sen2__header_flags",
    "sen2__person_flags",
    "sen2__request_flags",
    "sen2__assessment_flags",
    "sen2__plan_flags",
    "sen2__plan_detail_flags",
    "sen2__active_plan_flags",
    "sen2__placement_flags",
    "sen2__need_flags",
    "sen2__rule_hit",
    "sen2__finding_value",
    "sen2__value_source",
    "sen2__finding_explanation",
    "sen2__finding",
    "sen2__explanation",
)


class World:
    """Core rows by hand, then the record models of the mart over them."""

    def __init__(self, mart: Mart, folder: Path):
        self._mart = mart.copy(folder)
        self.database = self._mart.database
        self.connection = duckdb.connect(str(self.database))

    def person(self, key: str, **values: Any) -> str:
        self._insert("dim_person", person_key=key, ehc_person_id=key, **values)
        return key

    def request(self, person: str, key: str, **values: Any) -> str:
        self._insert(
            "fct_request",
            **({"request_key": key, "person_key": person, "mediation_held": False, "appeal_made": False} | values),
        )
        return key

    def assessment(self, person: str, request: str, key: str, **values: Any) -> str:
        marks = dict.fromkeys(("mediation_held", "appeal_made", "other_mediation_held", "other_appeal_made"), False)
        self._insert(
            "fct_assessment", **({"assessment_key": key, "request_key": request, "person_key": person} | marks | values)
        )
        return key

    def plan(self, person: str, key: str, **values: Any) -> str:
        self._insert("fct_plan", plan_key=key, person_key=person, **values)
        return key

    def fact(self, table: str, **values: Any) -> None:
        self._insert(table, **values)

    def build(self, **replaced: str) -> None:
        """Run the record models; `replaced` swaps a piece of their SQL, as another setting would."""
        for model in RECORD_MODELS:
            sql = self._mart.compiled[model]
            for old, new in replaced.items():
                sql = sql.replace(old, new)
            self.connection.execute(f"create or replace table sen2.{model} as {sql}")

    def judge(self) -> None:
        """Run the rules over the records."""
        for model in FLAGS:
            self.connection.execute(f"create or replace table sen2.{model} as {self._mart.compiled[model]}")

    def rows(self, table: str, year: int = YEAR, **where: Any) -> list[dict[str, Any]]:
        condition = "".join(f" and {name} = ?" for name in where)
        found = self.connection.execute(
            f"select * from sen2.sen2__{table} where collection_year = ?{condition} order by all",
            [year, *where.values()],
        )
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def one(self, table: str, year: int = YEAR, **where: Any) -> dict[str, Any]:
        (row,) = self.rows(table, year, **where)
        return row

    def _insert(self, table: str, **values: Any) -> None:
        insert(self.connection, f"core.{table}", [{name: value for name, value in values.items() if value != ""}])
