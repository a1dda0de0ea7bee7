"""How strict a public output is: rows of disclosure_policy.csv by the disclosure class of each metric, and settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from warehouse.settings import Settings
from warehouse.specification import rows

# Differences between figures of one publication and another are safe only because both are rounded to this or more.
LEAST_ROUNDING = 5


class DisclosureError(RuntimeError):
    """A public table would give something away. Nothing was published; the message says which and what to do."""


@dataclass(frozen=True)
class Policy:
    """What holds for the counts of a disclosure class; `of_children` is false where nobody is counted."""

    of_children: bool
    suppress_below: int
    least_denominator: int
    all_or_none_below: int
    round_to: int

    def log(self) -> dict[str, int | bool]:
        return asdict(self)


def read(settings: Settings) -> dict[str, Policy]:
    """The policies by disclosure class. A council's settings can make those of children stricter.

    Raises DisclosureError where the settings ask for less than a row, or a row of children rounds to less than 5.
    """
    return {row["disclosure_class"]: _policy(row, settings) for row in rows("disclosure_policy")}


def _policy(row: Mapping[str, str], settings: Settings) -> Policy:
    asked = {
        "suppress_below": settings.suppress_below,
        "least_denominator": settings.suppress_denominator_below,
        "round_to": settings.round_to,
    }
    least = {name: int(row[name]) for name in (*asked, "all_or_none_below")}
    if row["of_children"] != "true":
        return Policy(of_children=False, **least)
    if least["round_to"] < LEAST_ROUNDING:
        raise DisclosureError(
            f"warehouse/spec/metrics/disclosure_policy.csv: class {row['disclosure_class']} counts children, so its "
            f"round_to has to be {LEAST_ROUNDING} or more."
        )
    for name, key in zip(asked, ("suppress_below", "suppress_denominator_below", "round_to"), strict=True):
        if asked[name] < least[name]:
            raise DisclosureError(
                f"[disclosure] {key} can be stricter than the policy of class {row['disclosure_class']}, not weaker. "
                f"Set {key} = {least[name]} or more in the settings file, or leave it out."
            )
    # None or all of a group that is too small for a rate is never shown.
    return Policy(
        of_children=True,
        **asked,
        all_or_none_below=max(least["all_or_none_below"], asked["least_denominator"]),
    )
