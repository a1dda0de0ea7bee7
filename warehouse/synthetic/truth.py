"""Which records of which sources are of one child: the oracle of linkage, which nothing in the warehouse reads."""

from __future__ import annotations

from pathlib import Path

from warehouse.duck import quoted
from warehouse.synthetic.extract_table import table
from warehouse.synthetic.files import keep_if_new
from warehouse.synthetic.world import World

LINKAGE_TRUTH = "linkage_truth.parquet"

# How a source numbers a child. The census numbers rows: there a record is year, term and row.
_NUMBERED = {
    ("ehc", "person"): "t.person_id",
    ("school_census", "pupil_on_roll"): "concat_ws('|', t.census_year, t.census_term, t.pupil_on_roll_table_id)",
    ("ssda903", "header"): "t.child_id",
    ("cin", "child"): "t.la_child_id",
    ("care_system", "person"): "t.la_child_id",
    ("csds", "patient_index"): "t.provider || '|' || t.local_patient_id",
}


def write(world: World) -> Path:
    """Write <home>/linkage_truth.parquet: source, record, person, ethnicity_code, sex, idaci_quintile and fault.

    `person` is the number of the child in its life; the three groups are blank for children of other councils.
    """
    part = world.settings.home.work / "demo" / LINKAGE_TRUTH
    records = " union all ".join(
        f"select distinct '{source}' as source, {record} as record, t._n as n, t._fault as fault"
        f" from {table(source, entity)} as t"
        for (source, entity), record in _NUMBERED.items()
    )
    world.con.execute(
        f"""
        copy (
            select r.source, r.record, r.n as person, p.ethnicity as ethnicity_code, p.sex, p.idaci_quintile,
                max(r.fault) as fault
            from ({records}) as r
            left join person as p on p.n = r.n
            group by all order by all
        ) to '{quoted(part)}' (format parquet, compression zstd)
        """
    )
    return keep_if_new(part, world.settings.home.root / LINKAGE_TRUTH)
