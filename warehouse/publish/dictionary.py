"""published/dictionary.html: what each indicator means, made from its rows, with an example worked out by hand. Public.

It reads rows of warehouse/spec and the worked lives only, never a warehouse, so it holds nothing of any child.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2

from warehouse import __version__
from warehouse.publish.public import UNITS, kept_inside
from warehouse.settings import REPOSITORY, Settings
from warehouse.specification import SPEC, rows

HERE = Path(__file__).parent
TEMPLATE = "dictionary.html.jinja"
# A folder per family with expected.csv: invented lives, what each indicator makes of them, and the working in words.
EXAMPLES = REPOSITORY / "warehouse" / "lives"
MOST_EXAMPLES = 8
# The area code of the whole county in the examples.
COUNTY = "999"
NOT_BUILT = SPEC / "metrics" / "metric_not_built.csv"
KINDS = {
    "proportion": "share",
    "rate": "rate per head",
    "standardised_rate": "rate per head, standardised for age",
    "mean": "mean",
    "median": "median",
    "p90": "90th percentile",
    "ratio": "ratio of sums",
    "count": "count",
    "gap": "gap between two groups",
}
CERTAINTY = {
    "source": "read in a published definition",
    "memory": "from memory, to be checked",
    "ours": "our own reading",
}
INTERVALS = {
    "wilson": "Wilson",
    "byar": "Byar; exact Poisson below 10 events",
    "dobson": "Dobson; none below 10 events",
    "mean_t": "Student's t; none where all are alike",
    "order_statistic": "order statistics; none below 10 values",
    "wilson_effective": "Wilson, with as many children as the spread between them is worth",
    "byar_effective": "Byar, with as many events as the spread between children is worth",
    "linearised": "linearised ratio, one row a child; none where all are alike",
    "difference": "of the difference, from the limits of the two",
    "none": "none: a count",
}
CLASSES = {
    "S0": "S0: no small counts in it",
    "S1": "S1: counts of children, hidden and rounded before they leave",
    "S2": "S2: counts of children from health or care, hidden and rounded before they leave",
}
BETTER = {"high": "Higher is better", "low": "Lower is better", "none": "Neither: it describes"}


def write(settings: Settings, file: Path, examples: Path = EXAMPLES) -> None:
    """Write the dictionary: a section per row of metric.csv, in its order, by family."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(TEMPLATE).render(
        council=settings.council_name,
        version=__version__,
        families=families(examples),
        layers=rows("metric_layer"),
        not_built=_read(NOT_BUILT) if NOT_BUILT.exists() else [],
    )
    file.write_text(page, encoding="utf-8", newline="\n")


def families(examples: Path = EXAMPLES) -> list[dict[str, Any]]:
    """Families with their metrics; each metric with its terms, measures and worked example."""
    titles = {row["family"]: row["title"] for row in rows("public_output")}
    worked = _worked(examples)
    answers = _priorities()
    public = _public()
    outcome: dict[str, dict[str, Any]] = {}
    for metric in rows("metric"):
        family = outcome.setdefault(
            metric["family"],
            {"id": metric["family"], "title": titles.get(metric["family"], metric["family"].title()), "metrics": []},
        )
        measures = [row for row in rows("metric_measure") if row["metric_id"] == metric["metric_id"]]
        family["metrics"].append(
            {
                "id": metric["metric_id"],
                "name": metric["name"],
                "question": metric["question"],
                "terms": [(term, said) for term, said in _terms(metric, answers, public) if said],
                "measures": [
                    (
                        f"{row['metric_id']}_{row['measure']}".lower(),
                        row["title"],
                        KINDS[row["kind"]],
                        UNITS[row["unit"]] or row["unit"],
                        INTERVALS[row["interval_method"]],
                    )
                    for row in measures
                ],
                "examples": worked.get(metric["metric_id"], [])[:MOST_EXAMPLES],
                "more": max(0, len(worked.get(metric["metric_id"], [])) - MOST_EXAMPLES),
            }
        )
    return list(outcome.values())


def _priorities() -> dict[str, str]:
    """By indicator, the priorities of councils that it helps to answer, in words."""
    titles = {row["priority_id"]: f"{row['council']} {row['priority_id']}: {row['title']}" for row in rows("priority")}
    found: dict[str, list[str]] = {}
    for row in rows("priority_indicator"):
        found.setdefault(row["indicator_id"], []).append(titles[row["priority_id"]])
    return {indicator: "; ".join(said) for indicator, said in found.items()}


def _public() -> dict[str, str]:
    """By indicator, whether the public tables have it; of what they never have, the measures and the reason."""
    reasons = kept_inside()
    measures: dict[str, list[dict[str, str]]] = {}
    for row in rows("metric_measure"):
        measures.setdefault(row["metric_id"], []).append(row)
    found: dict[str, str] = {}
    for metric_id, own in measures.items():
        inside: dict[str, list[str]] = {}
        for row in own:
            if reason := reasons.get((metric_id, row["measure"])):
                inside.setdefault(reason, []).append(row["title"])
        if sum(map(len, inside.values())) == len(own):
            found[metric_id] = f"No: {'; '.join(inside)}"
        elif inside:
            said = "; ".join(f"{', '.join(titles)} ({reason})" for reason, titles in inside.items())
            found[metric_id] = f"Yes, but for {said}"
        else:
            found[metric_id] = "Yes"
    return found


def _terms(metric: dict[str, str], answers: dict[str, str], public: dict[str, str]) -> list[tuple[str, str]]:
    days = metric["statutory_limit_days"]
    return [
        ("What is counted", metric["numerator"]),
        ("Out of what", metric["denominator"]),
        ("Left out", metric["excluded"]),
        ("Whose", metric["base"]),
        ("Which day counts", metric["clock"]),
        ("Which period", metric["period_rule"]),
        ("Told of", _periods(metric)),
        ("Age", metric["age_rule"]),
        ("Target", metric["target"]),
        ("Limit in law", f"{days} days" if days else ""),
        ("Direction", BETTER[metric["polarity"]]),
        ("Traps", metric["traps"]),
        ("Published elsewhere", metric["comparator"]),
        ("Who asks", metric["asked_by"]),
        ("Priorities it answers", answers.get(metric["metric_id"], "")),
        ("Certainty", _certainty(metric["certainty"])),
        ("In the public tables", public[metric["metric_id"]]),
        ("Disclosure", CLASSES.get(metric["disclosure_class"], metric["disclosure_class"])),
        ("Version and owner", f"{metric['version']}, {metric['owner']}"),
    ]


def _periods(metric: dict[str, str]) -> str:
    """The kinds of period that there are figures of, the metric's own first."""
    others = [row["period_type"] for row in rows("metric_period") if row["metric_id"] == metric["metric_id"]]
    titles = {row["period_type"]: row["title"] for row in rows("period_type")}
    return "; ".join(titles[one] for one in (metric["period_type"], *others))


def _certainty(marks: str) -> str:
    """The registry's marks in words: one of CERTAINTY, or two with `and` between them."""
    return "; ".join(CERTAINTY[mark] for mark in marks.split(" and "))


def _worked(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Examples by metric, those of all children of the county or a district first: each can be checked on paper."""
    found: dict[str, list[dict[str, Any]]] = {}
    titles = {(row["metric_id"], row["measure"]): row["title"] for row in rows("metric_measure")}
    sets = {row["subgroup_set"]: row["title"] for row in rows("subgroup_set")}
    for file in sorted(folder.glob("*/expected.csv")):
        for row in _read(file):
            title = titles.get((row["metric_id"], row["measure"]), row["measure"])
            one = sets.get(row["subgroup_set"], row["subgroup_set"])
            outside = row["area"].rpartition(" ")[2] == "outside"
            where = "" if row["area"] == COUNTY else ", outside the county" if outside else f", in {row['area']}"
            found.setdefault(row["metric_id"], []).append(
                {
                    "measure": title,
                    "period": row["period_id"],
                    "who": ("Everyone" if row["subgroup_set"] == "all" else f"{one}: {row['subgroup_value']}") + where,
                    "numerator": row["numerator"],
                    "denominator": row["denominator"],
                    "value": _plain(row["value"]),
                    "working": row["by_hand"],
                    # Other levels of area are named with the area: locality LOC_A.
                    "is_first": row["subgroup_set"] == "all" and " " not in row["area"],
                }
            )
    for examples in found.values():
        examples.sort(key=lambda example: not example["is_first"])
    return found


def _plain(value: str) -> str:
    return f"{float(value):.4g}" if value else "none"


def _read(file: Path) -> Sequence[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))
