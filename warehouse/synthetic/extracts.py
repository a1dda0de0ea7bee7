"""From lives to extracts: one table `x_<source>_<entity>` per declared extract, all text, in the declared columns.

Beside the declared columns each table has `_file` (which file a row goes to), `_sort` (its place there),
    `_n` (the person,
where there is one) and `_fault` (what was planted in it, null until then).
"""

from __future__ import annotations

from warehouse.synthetic import (
    extract_care,
    extract_care_local,
    extract_case_file,
    extract_census,
    extract_csds,
    extract_ehc,
    extract_health_local,
    extract_inclusion,
    extract_money,
    extract_places,
    extract_post16,
    extract_reference,
    extract_results,
)
from warehouse.synthetic.world import World


def build(world: World) -> None:
    """Every declared extract."""
    extract_ehc.build(world)
    extract_case_file.build(world)
    extract_places.build(world)
    extract_money.build(world)
    extract_census.build(world)
    extract_census.details(world)
    extract_inclusion.attendance(world)
    extract_inclusion.registers(world)
    extract_inclusion.other_censuses(world)
    extract_results.attainment(world)
    extract_results.transfers(world)
    extract_post16.build(world)
    extract_csds.build(world)
    extract_health_local.build(world)
    extract_care.looked_after(world)
    extract_care.in_need(world)
    extract_care_local.build(world)
    extract_reference.schools(world)
    extract_reference.areas(world)
    extract_reference.boundaries(world)
    extract_reference.local_areas(world)
    extract_reference.terms(world)
