"""Interval plots as SVG, drawn by Vega-Lite in this process: nothing is asked of the network, no script is shipped."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

INK, SOFT, LINE = "#1f2a37", "#5b6675", "#b4530a"


@dataclass(frozen=True)
class Dot:
    """One group: its label, value and 95% limits, in the units that are printed."""

    label: str
    value: float
    lower: float
    upper: float


def interval_plot(dots: Sequence[Dot], axis_title: str, reference: float | None) -> str:
    """Dots with limits, one line per group in the order given, and the county as a dashed line; an SVG data address.

    Groups are never ordered by value: an order would read as a ranking.
    """
    import vl_convert

    values = [{"group": dot.label, "value": dot.value, "lower": dot.lower, "upper": dot.upper} for dot in dots]
    y = {"field": "group", "type": "nominal", "sort": None, "axis": {"title": None, "labelLimit": 220, "domain": False}}
    x = {"type": "quantitative", "scale": {"zero": True, "nice": True}, "axis": {"title": axis_title, "tickCount": 6}}
    layers: list[dict] = [
        {
            "mark": {"type": "rule", "strokeWidth": 2, "color": SOFT},
            "encoding": {"y": y, "x": {"field": "lower", **x}, "x2": {"field": "upper"}},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 70, "color": INK, "opacity": 1},
            "encoding": {"y": y, "x": {"field": "value", **x}},
        },
    ]
    if reference is not None:
        layers.append(
            {
                "data": {"values": [{"county": reference}]},
                "mark": {"type": "rule", "strokeDash": [5, 4], "color": LINE, "strokeWidth": 1.5},
                "encoding": {"x": {"field": "county", **x}},
            }
        )
    spec = {
        "data": {"values": values},
        "width": 430,
        "padding": {"left": 24, "right": 16, "top": 6, "bottom": 6},
        "height": {"step": 24},
        "layer": layers,
        "config": {
            "font": "sans-serif",
            "background": "white",
            "view": {"stroke": None},
            "axis": {
                "labelColor": INK,
                "titleColor": INK,
                "labelFontSize": 12,
                "titleFontSize": 12,
                "gridColor": "#e4e7ec",
            },
        },
    }
    svg = vl_convert.vegalite_to_svg(spec)
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")
