"""What the council writes itself: it may do as it likes with its own file, so nothing here refuses it."""

from expectations.demand import Demand


def sen2_explanation() -> tuple[Demand, ...]:
    return (
        Demand(
            "volume_not_halved",
            "volume",
            "warning",
            "Look whether explanations were deleted that still hold: their findings ask again.",
            minimum=0.5,
        ),
    )


def link_override() -> tuple[Demand, ...]:
    return (
        Demand(
            "volume_not_halved",
            "volume",
            "warning",
            "Look whether decisions were deleted that still hold: the links they forbade or made change back.",
            minimum=0.5,
        ),
    )
