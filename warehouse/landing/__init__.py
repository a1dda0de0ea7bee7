"""Files in, checked, dated, immutable Parquet out, with a receipt for every file and a reject for every refused row."""

from warehouse.landing.ledger import LANDING_VERSION, Receipt
from warehouse.landing.run import Failure, LandingFailed, LandingReport, Left, SourceTotal, land

__all__ = ["LANDING_VERSION", "Failure", "LandingFailed", "LandingReport", "Left", "Receipt", "SourceTotal", "land"]
