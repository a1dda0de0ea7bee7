"""The CIN census as XML: what belongs to a child and to an episode of need, nested by SQL."""

from __future__ import annotations

from collections.abc import Iterator

from warehouse import specification
from warehouse.synthetic.extract_table import table, tie
from warehouse.synthetic.world import World

CHUNK = 2_000
# Tables that hang on an episode of need, in the order of the return; the last before the protection plans.
OF_NEED = ("assessment", "cin_plan", "section_47", "pre_proceedings")


def children(world: World, file: str) -> Iterator[str]:
    """The <Child> elements of one return, in the order of the extract."""
    nested = ", ".join(f"{name} as ({_nested(name)})" for name in (*OF_NEED, "child_protection_plan"))
    of_need = " ".join(
        f"left join {name} on {name}.la_child_id = n.la_child_id and {name}.referral_date = n.referral_date"
        for name in OF_NEED
    )
    result = world.con.execute(
        f"""
        with {nested},
        need as (
            select
                n.la_child_id,
                string_agg('<CINdetails>' || {_tags("cin_details", "n")}
                    || {" || ".join(f"coalesce({name}.xml, '')" for name in OF_NEED)}
                    || coalesce(child_protection_plan.xml, '') || '</CINdetails>', '' order by n._sort) as xml
            from {table("cin", "cin_details")} as n
            {of_need}
            left join child_protection_plan on child_protection_plan.la_child_id = n.la_child_id
            where n._file = $file
            group by n.la_child_id
        ),
        disabilities as (
            select la_child_id, string_agg('<Disability>' || disability || '</Disability>', '' order by _sort) as xml
            from {table("cin", "disability")} where _file = $file group by la_child_id
        )
        select
            '    <Child><ChildIdentifiers>' || {_tags("child", "c", "ChildIdentifiers/")} || '</ChildIdentifiers>'
            || '<ChildCharacteristics>' || {_tags("child", "c", "ChildCharacteristics/")}
            || coalesce('<Disabilities>' || disabilities.xml || '</Disabilities>', '') || '</ChildCharacteristics>'
            || coalesce(need.xml, '') || '</Child>' || chr(10)
        from {table("cin", "child")} as c
        left join disabilities on disabilities.la_child_id = c.la_child_id
        left join need on need.la_child_id = c.la_child_id
        where c._file = $file
        order by c._sort
        """,
        {"file": file},
    )
    while rows := result.fetchmany(CHUNK):
        for (child,) in rows:
            yield child


def _nested(entity: str) -> str:
    """SQL: the elements of one kind, joined up for the episode (or, of protection plans, for the child) they are in."""
    element = specification.extract("cin", entity).meta["record"].rpartition("/")[2]
    inside = {"assessment": "assessment_factor", "child_protection_plan": "protection_review"}.get(entity)
    group, more, join = "t.la_child_id", "", ""
    if entity != "child_protection_plan":
        group += ", t.referral_date"
    if inside:
        wrap, day = (
            ("FactorsIdentifiedAtAssessment", "start_date") if inside == "assessment_factor" else ("", "plan_start")
        )
        open_tag, close_tag = (f"<{wrap}>", f"</{wrap}>") if wrap else ("", "")
        one = "'<AssessmentFactors>' || factor || '</AssessmentFactors>'"
        if inside == "protection_review":
            one = f"'<Reviews>' || {_tags(inside, 'i')} || '</Reviews>'"
        join = (
            f"left join (select la_child_id, {day} as day, string_agg({one}, '' order by _sort) as xml"
            f" from {table('cin', inside)} as i where _file = $file group by la_child_id, {day}) as inside"
            f" on inside.la_child_id = t.la_child_id and inside.day = t.{day}"
        )
        more = f" || coalesce('{open_tag}' || inside.xml || '{close_tag}', '')"
    return (
        f"select {group}, string_agg('<{element}>' || {_tags(entity, 't')}{more} || '</{element}>', ''"
        f" order by t._sort, {', '.join(f't.{name}' for name in tie('cin', entity).split(', '))}) as xml"
        f" from {table('cin', entity)} as t {join} where t._file = $file group by {group}"
    )


def _tags(entity: str, alias: str, under: str = "") -> str:
    """SQL: the element's own values, each in its tag, as declared; a blank one is left out."""
    parts = []
    for column in specification.extract("cin", entity).columns:
        tag = column.xpath.removeprefix(under)
        if column.xpath.startswith(("/", "..")) or tag == "." or "/" in tag:
            continue
        value = f"replace(replace({alias}.{column.name}, '&', '&amp;'), '<', '&lt;')"
        parts.append(f"coalesce('<{tag}>' || {value} || '</{tag}>', '')")
    return "(" + " || ".join(parts) + ")"
