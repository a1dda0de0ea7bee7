"""The numbers that systems know people by: different in each system, and valid until a fault makes them otherwise."""

from __future__ import annotations

from warehouse.synthetic.world import OTHER_COUNCILS, World


def build(world: World) -> None:
    """Table identity: UPN, ULN, NHS number, case-system id, care id and patient ids of each person."""
    world.sql(
        """
        create table identity as
        with entered as (
            select
                p.n, p.birth_date, p.reception_start, p.is_arrival, p.nhs_number, p.uln, p.age, p.care_number,
                near.s, near.urn, sc.sector,
                p.reception_start <= {as_at} or (sc.has_nursery_place and p.age >= 3) as has_started,
                row_number() over (partition by near.s, year(p.reception_start) order by p.n) as serial
            from person as p
            inner join schooling as sc on sc.n = p.n
            inner join near_school as near on near.lsoa = p.lsoa and near.kind = 'primary' and near.place = 1
        )
        select
            n,
            case when has_started and (sector = 'state' or u(n, 'was in a state school') < 0.6) then upn_from(
                case when is_arrival then list_extract({councils}, draw(n, 'upn council', 1, 10)) else '{la_code}' end
                || (1000 + s)::varchar
                || lpad((year(reception_start) % 100)::varchar, 2, '0')
                || lpad(serial::varchar, 3, '0')
            ) end as upn,
            case when age >= 15 then uln end as uln,
            nhs_number,
            (10000000 + scrambled(n + 3))::varchar as ehc_number,
            '4' || care_number as care_id,
            'C' || lpad(scrambled(n + 11)::varchar, 8, '0') as patient_id_first,
            'K' || lpad(scrambled(n + 17)::varchar, 8, '0') as patient_id_second
        from entered
        """,
        councils=OTHER_COUNCILS,
        la_code=world.settings.la_code,
    )
