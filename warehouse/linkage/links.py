"""Which children of the sources are one: by numbers and exact rules, then by the weight of evidence, and by people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from warehouse.linkage import children, model
from warehouse.linkage.clusters import REASONS, Child, Guarded
from warehouse.linkage.model import Comparison

# Weights in bits, the odds before any evidence included: 4 is 16 to 1 for, 0 is as likely as not. 16 to 1 would be too
# little by itself; but a link also needs that neither child has another candidate near it, and then a stranger would
# have to be unknown to that whole system. Measured: docs/linkage.md.
SURE, WORTH_A_LOOK = 4.0, 0.0
# A second candidate within so many bits of the first makes both doubtful.
RIVAL = 6.0

# How a link by number or exact rule is said; kinds as in models/intermediate/person/int_person__evidence.sql.
KINDS = {
    "must_link": "an override says that they are one child",
    "source_number": "the council's own care number and birth date are the same",
    "merged_number": "the care system merged the two numbers",
    "upn_birth_date": "the same valid UPN and birth date",
    "former_upn_birth_date": "the UPN of one is the former UPN of the other, with the same birth date",
    "uln_birth_date": "the same valid ULN and birth date",
    "nhs_number_birth_date": "the same valid NHS number and birth date",
    "upn_name": "the same valid UPN and whole name",
    "nhs_number_name": "the same valid NHS number and whole name",
    "name_birth_date_postcode": "the same whole name, birth date and home postcode",
    "name_swapped_birth_date_postcode": "the same whole name and home postcode, day and month of birth swapped",
    "source_number_date_slip": "the same care number, and the birth date but for year, month or day",
    "weight_of_evidence": "the weight of all evidence",
}
PROBABLE = "weight_of_evidence"
PROBABLE_STRENGTH = 99

# Why a pair of some weight is left to a person.
DOUBTS = {
    "weight": "the evidence is not enough to be sure",
    "forename": "the forenames differ, as those of twins do, or are not known",
    "birth_date": "the birth dates differ by more than a typing error, or are not known",
    "number": "each has a valid number of its own",
    "rival": "another child fits about as well",
    **REASONS,
}

COLUMNS = pa.schema(
    [
        ("source", pa.string()),
        ("source_person_id", pa.string()),
        ("other_source", pa.string()),
        ("other_source_person_id", pa.string()),
        ("status", pa.string()),
        ("evidence", pa.string()),
        ("strength", pa.int32()),
        ("match_weight", pa.float64()),
        ("explanation", pa.string()),
        ("doubt", pa.string()),
    ]
)


@dataclass(frozen=True)
class Inputs:
    """int_person__record, int_person__evidence, int_person__school and stg_council__link_override, as Arrow tables."""

    record: pa.Table
    evidence: pa.Table
    school: pa.Table
    override: pa.Table


@dataclass(frozen=True)
class _Link:
    one: int
    other: int
    status: str  # linked, or review: nothing is joined, and a person should look
    evidence: str
    strength: int
    doubt: str | None = None


def find(connection: duckdb.DuckDBPyConnection, inputs: Inputs, known_on: date) -> pa.Table:
    """Links between children, as COLUMNS, from an empty in-memory connection; one row per link that joined two
    clusters, and one per pair of clusters that a person should look at. Overrides count that hold on `known_on`.
    """
    for name in ("record", "evidence", "school", "override"):
        connection.register(name, getattr(inputs, name))
    children.prepare(connection)
    described = [
        Child(*row)
        for row in connection.execute(
            "select system, first_seen, last_seen, birth_digits, forename, case when has_valid_upn then upn end"
            " from child order by child"
        ).fetchall()
    ]
    told = _overrides(connection, known_on)
    clusters = Guarded(described, apart=[(one, other) for one, other, action in told if action == "must_not_link"])
    links = [
        *(_join(clusters, one, other, "must_link", 0) for one, other, action in told if action == "must_link"),
        *_by_number(connection, clusters),
    ]
    _note_clusters(connection, clusters, len(described))
    model.candidates(connection, children.MOST_WITH_ONE_KEY)
    learnt = model.score(connection)
    if learnt:
        links += _by_weight(connection, clusters, learnt)
    return _told(connection, clusters, [link for link in links if link], learnt)


def _join(clusters: Guarded, one: int, other: int, evidence: str, strength: int) -> _Link | None:
    """The link of two clusters that are now one; one to look at where that cannot be; None where they were one."""
    if clusters.label(one) == clusters.label(other):
        return None
    doubt = clusters.obstacle(one, other, by_number=evidence != PROBABLE, told=evidence == "must_link")
    if doubt is None:
        clusters.join(one, other)
    return _Link(one, other, "review" if doubt else "linked", evidence, strength, doubt)


def _overrides(connection: duckdb.DuckDBPyConnection, known_on: date) -> list[tuple[int, int, str]]:
    """Overrides in force as (child, child, action); one that names a child whom no source holds says nothing here."""
    return connection.execute(
        """
        select one.child, other.child, override.action
        from override
        inner join child as one on one.source = override.source and one.source_person_id = override.source_person_id
        inner join child as other
            on other.source = override.other_source and other.source_person_id = override.other_source_person_id
        where override.decided_on <= ? and coalesce(override.decided_until, ?) >= ?
        order by override.decided_on, one.child, other.child
        """,
        [known_on, known_on, known_on],
    ).fetchall()


def _by_number(connection: duckdb.DuckDBPyConnection, clusters: Guarded) -> Iterator[_Link | None]:
    """Each value of int_person__evidence joins whom it names to the first of them, the strongest kind first."""
    pairs = connection.execute(
        """
        with named as (
            select evidence.value, evidence.kind, evidence.strength, child.child,
                min(child.child) over (partition by evidence.value) as first_child
            from evidence
            inner join child using (source, source_person_id)
        )
        select first_child, child, arg_min(kind, strength), min(strength)
        from named where child <> first_child
        group by all
        order by min(strength), first_child, child
        """
    ).fetchall()
    for first, child, kind, strength in pairs:
        yield _join(clusters, first, child, kind, strength)


def _note_clusters(connection: duckdb.DuckDBPyConnection, clusters: Guarded, children_count: int) -> None:
    """Column cluster of child: the label of its cluster, null where it is alone."""
    labels = [clusters.label(child) for child in range(children_count)]
    together = [(child, label) for child, label in enumerate(labels) if len(clusters.members(label)) > 1]
    table = pa.table(
        {
            "child": pa.array([child for child, _ in together], pa.int32()),
            "label": pa.array([label for _, label in together], pa.int32()),
        }
    )
    connection.register("together", table)
    connection.execute(
        "create or replace table child as select child.*, together.label as cluster"
        " from child left join together using (child)"
    )


def _by_weight(
    connection: duckdb.DuckDBPyConnection, clusters: Guarded, learnt: tuple[Comparison, ...]
) -> Iterator[_Link | None]:
    """The sure pairs joined, the likeliest first; what is likely and not sure, for a person."""
    number = " or ".join(
        f"(gamma_{name} = 0 and l.has_valid_{name} and r.has_valid_{name})" for name in ("upn", "nhs_number")
    )
    shared_number = "gamma_upn = 2 or (gamma_nhs_number = 2 and l.has_valid_nhs_number)"
    connection.execute(
        f"""
        create or replace table weighed as
        with apart as (
            select child_l, child_r, match_weight, l.system as system_l, r.system as system_r,
                coalesce(l.cluster, l.child) as cluster_l, coalesce(r.cluster, r.child) as cluster_r,
                case
                    when gamma_forename <= 0 or (gamma_forename = 1 and not ({shared_number})) then 'forename'
                    when gamma_birth_date <= 0 then 'birth_date'
                    when {number} then 'number'
                    when match_weight < {SURE} then 'weight'
                end as doubt
            from scored
            inner join child as l on l.child = child_l
            inner join child as r on r.child = child_r
            where l.cluster is distinct from r.cluster or l.cluster is null
        ),
        candidate_pair as (
            -- a twin, or somebody of another age, is no rival
            select * from apart where coalesce(doubt, '') not in ('forename', 'birth_date')
        ),
        seen as (
            select cluster_l as cluster, system_r as system, cluster_r as rival, match_weight from candidate_pair
            union all
            select cluster_r, system_l, cluster_l, match_weight from candidate_pair
        ),
        rival as (select cluster, system, rival, max(match_weight) as weight from seen group by all),
        best as (
            select cluster, system, list(struct_pack(rival, weight) order by weight desc, rival)[1:2] as two
            from rival
            group by all
        ),
        -- of the two best in a system, the one that is not this pair's
        against as (
            select apart.*,
                case when of_l.two[1].rival <> cluster_r then of_l.two[1].weight
                    else of_l.two[2].weight end as beside_r,
                case when of_r.two[1].rival <> cluster_l then of_r.two[1].weight
                    else of_r.two[2].weight end as beside_l
            from apart
            left join best as of_l on of_l.cluster = cluster_l and of_l.system = system_r
            left join best as of_r on of_r.cluster = cluster_r and of_r.system = system_l
        )
        select child_l, child_r, match_weight,
            coalesce(doubt, case when greatest(beside_l, beside_r) >= match_weight - {RIVAL} then 'rival' end) as doubt
        from against
        where match_weight >= {WORTH_A_LOOK}
        """
    )
    for one, other, doubt in connection.execute(
        "select child_l, child_r, doubt from weighed order by doubt is not null, match_weight desc, child_l, child_r"
    ).fetchall():
        if doubt is None:
            yield _join(clusters, one, other, PROBABLE, PROBABLE_STRENGTH)
        elif clusters.label(one) != clusters.label(other) and (
            doubt == "rival" or clusters.obstacle(one, other, by_number=False) is None
        ):
            # Where each source holds a child of its own, a likeness of the two is a twin's or a namesake's.
            yield _Link(one, other, "review", PROBABLE, PROBABLE_STRENGTH, doubt)


def _told(
    connection: duckdb.DuckDBPyConnection, clusters: Guarded, links: list[_Link], learnt: tuple[Comparison, ...]
) -> pa.Table:
    """The links in words. Of pairs to look at, the heaviest of two clusters that are still two and nobody decided."""
    connection.register(
        "link",
        pa.table(
            {
                "one": pa.array([link.one for link in links], pa.int32()),
                "other": pa.array([link.other for link in links], pa.int32()),
                "label_one": pa.array([clusters.label(link.one) for link in links], pa.int32()),
                "label_other": pa.array([clusters.label(link.other) for link in links], pa.int32()),
                "status": pa.array([link.status for link in links], pa.string()),
                "evidence": pa.array([link.evidence for link in links], pa.string()),
                "strength": pa.array([link.strength for link in links], pa.int32()),
                "doubt": pa.array([link.doubt for link in links], pa.string()),
                "said": pa.array([KINDS[link.evidence] for link in links], pa.string()),
                "doubted": pa.array([DOUBTS.get(link.doubt or "") for link in links], pa.string()),
            }
        ),
    )
    weighed = (
        f"""
        select child_l, child_r, match_weight, {_in_words(learnt)} as words from scored
        where (child_l, child_r) in (select (least(one, other), greatest(one, other)) from link)
        """
        if learnt
        else "select null::integer as child_l, null::integer as child_r, null::double as match_weight, null as words"
    )
    return (
        connection.sql(
            f"""
        with weighed as ({weighed}),
        told as (
            select link.*, round(weighed.match_weight, 1) as match_weight, weighed.words
            from link
            left join weighed
                on weighed.child_l = least(link.one, link.other) and weighed.child_r = greatest(link.one, link.other)
        ),
        open as (
            select * from told
            where status = 'linked' or (label_one <> label_other and doubt <> 'must_not_link')
            qualify status = 'linked' or row_number() over (
                partition by status, least(label_one, label_other), greatest(label_one, label_other)
                order by match_weight desc nulls last, one, other
            ) = 1
        )
        select
            one.source, one.source_person_id,
            other.source as other_source, other.source_person_id as other_source_person_id,
            open.status, open.evidence, open.strength, open.match_weight,
            open.said || coalesce(': ' || open.words, '') || coalesce('. But ' || open.doubted, '') as explanation,
            open.doubt
        from open
        inner join child as one on one.child = open.one
        inner join child as other on other.child = open.other
        order by open.one, open.other
        """
        )
        .to_arrow_table()
        .cast(COLUMNS)
    )


def _in_words(learnt: tuple[Comparison, ...]) -> str:
    """SQL: each comparison of a scored pair that was known, in words, with its weight in bits."""
    parts = []
    for comparison in learnt:
        adjusted = any(level.frequency_of for level in comparison.levels)
        weight = f"mw_{comparison.name}" + (f" + coalesce(mw_tf_adj_{comparison.name}, 0)" if adjusted else "")
        last = len(comparison.levels) - 1
        said = " ".join(f"when {last - number} then '{level.said}'" for number, level in enumerate(comparison.levels))
        parts.append(f"case gamma_{comparison.name} {said} end || printf(' (%+.1f)', {weight})")
    return f"concat_ws(', ', {', '.join(parts)})"
