"""One thing that we demand of an extract, in terms of its profile. No engine in here."""

from __future__ import annotations

from dataclasses import dataclass

_COUNTED = {
    "rows": "rows",
    "files_quarantined": "quarantined and not replaced (files)",
    "columns_missing": "declared columns absent",
    "rejected": "rows rejected",
    "duplicate_key": "rows repeat the key of another",
    "volume": "rows of the delivery before",
    "smallest_period": "rows in the smallest period, against the usual one",
    "blank": "blank",
    "filled": "filled",
    "unparseable": "values do not parse",
    "implausible": "values are not plausible",
    "future": "dates lie after the day of the extract",
    "unknown_code": "codes are not in the code set",
    "bad_format": "identifiers are not well formed",
}


# The least share that is more than nothing.
ANY = 1e-9


@dataclass(frozen=True)
class Demand:
    """`measure` of the profile lies between `minimum` and `maximum` (either open).

    `error` blocks the build, `warning` is shown. `mend` says what to do when the demand is not met.
    """

    name: str
    measure: str
    level: str
    mend: str
    column: str = ""
    minimum: float | None = None
    maximum: float | None = None

    @property
    def counted(self) -> str:
        """What the measure counts, in words that follow its number."""
        return _COUNTED[self.measure.partition(".")[0]]

    @property
    def expected(self) -> str:
        """The demand in words: 'none', 'some', 'at least 5.0%'."""
        if self.maximum == 0:
            return "none"
        if self.minimum == ANY:
            return "some"
        parts = []
        if self.minimum is not None:
            parts.append(f"at least {self._number(self.minimum)}")
        if self.maximum is not None:
            parts.append(f"at most {self._number(self.maximum)}")
        return " and ".join(parts)

    def _number(self, value: float) -> str:
        return f"{value:g}" if self.measure in ("rows", "files_quarantined") else f"{value:.1%}"


def volume(low: float = 0.8, high: float = 1.25) -> tuple[Demand, ...]:
    """Rows against the delivery before: half or less is refused, an unusual change is shown."""
    return (
        Demand(
            "volume_not_halved",
            "volume",
            "error",
            "Ask the supplier whether the extract is whole; if it is, accept it under [door] accept in the settings.",
            minimum=0.5,
        ),
        Demand(
            "volume_as_before",
            "volume",
            "warning",
            "Ask the supplier what changed since the last delivery.",
            minimum=low,
            maximum=high,
        ),
    )


def filled(column: str, least: float) -> Demand:
    """At least this share of the rows has a value."""
    return Demand(
        "filled",
        f"blank.{column}",
        "warning",
        "Ask the supplier why it is so often blank; records without it are hard to link or to count.",
        column,
        maximum=round(1 - least, 6),
    )


def not_future(*columns: str) -> tuple[Demand, ...]:
    """No date after the day of the extract."""
    return tuple(
        Demand(
            "not_in_the_future",
            f"future.{column}",
            "warning",
            "Look for swapped days and months and mistyped years, and correct them at the source.",
            column,
            maximum=0.0,
        )
        for column in columns
    )


def known_codes(column: str, least: float) -> Demand:
    """So many unknown codes that a code set, and not a record, must be at fault."""
    return Demand(
        "codes_mostly_known",
        f"unknown_code.{column}",
        "error",
        "The supplier uses other codes than the layout: add them to the crosswalk of this source.",
        column,
        maximum=round(1 - least, 6),
    )
