"""Faults: what is planted, where, how often, and which check is expected to find it."""

from __future__ import annotations

from pathlib import Path

from warehouse.synthetic.health import months
from warehouse.synthetic.world import World

UTF16_FILES = ("ehc_personal_budget.csv",)


def drifted_file(world: World) -> str:
    """The one delivery whose headers are a declared alias throughout."""
    return f"Z9D_{months(world)[-1][0]}_CYP001MPI.csv"


def plant(world: World) -> int:
    return 0


def write_extra_files(world: World) -> list[Path]:
    return []


def write_oracles(world: World) -> int:
    return 0
