"""What the data is, how files come in, and what leaves the building. Imports neither dagster nor great_expectations."""

__version__ = "2026.11.0"
