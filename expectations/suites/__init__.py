"""The demands on each extract: those its declaration implies, and those that the domain adds."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from expectations.demand import Demand
from expectations.suites import declared
from warehouse.specification import Extract


def demands(extract: Extract) -> tuple[Demand, ...]:
    """Every demand on one extract; the domain's own are in `suites/<source>.py`, a function named for the entity."""
    name = f"expectations.suites.{extract.source}"
    written = getattr(import_module(name), extract.entity, None) if find_spec(name) else None
    return declared.demands(extract) + (written() if written else ())
