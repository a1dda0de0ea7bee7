"""Community services: four tables per provider and month; a later month states open referrals again."""

from __future__ import annotations

from warehouse import specification
from warehouse.synthetic.extract_table import make
from warehouse.synthetic.health import months
from warehouse.synthetic.world import World


def build(world: World) -> None:
    values = ", ".join(f"('{month}', date '{first}', date '{last}')" for month, first, last in months(world))
    world.sql(
        """
        create table patient as
        select n, forename, surname, birth_date, sex, ethnicity, nhs_number, postcode, old_postcode, moved_date, lsoa
        from (
            select p.n, p.forename, p.surname, p.birth_date, p.sex, p.ethnicity, p.nhs_number, p.postcode,
                p.old_postcode, p.moved_date, p.lsoa
            from person as p where p.n in (select n from referral_life)
            union all
            select n, forename, surname, birth_date, sex, 'WBRI', nhs_number, postcode, postcode, null, null
                from visitor
        );
        create table month_referral as
        select r.*, m.month, m.first_day, m.last_day,
            coalesce(
                case r.provider when 'Z9C' then i.patient_id_first else i.patient_id_second end,
                'V' || lpad((r.n % 900000000)::varchar, 8, '0')
            ) as patient_id,
            upper(substr(md5(concat('referral', r.referral)), 1, 14)) as referral_id
        from referral_life as r
        inner join (values {values}) as m(month, first_day, last_day)
            on r.received_date <= m.last_day and coalesce(r.closed_date, m.last_day) >= m.first_day
        left join identity as i on i.n = r.n;
        create table nhs_ethnic as
        select unnest(list_extract(x, 1)::varchar[]) as code, unnest(list_extract(x, 2)::varchar[]) as ours
        from (select [{codes}, {ours}] as x);
        """,
        values=values,
        codes=[row["code"] for row in specification.rows("code_nhs_ethnic_category")],
        ours=[row["parent_code"] for row in specification.rows("code_nhs_ethnic_category")],
    )
    file = "provider || '_' || month || '_{}.csv'"
    make(
        world,
        "csds",
        "patient_index",
        """
        with patients as (select distinct provider, month, last_day, patient_id, n from month_referral)
        select
            x.provider, x.month as reporting_period, x.patient_id as local_patient_id,
            x.provider as local_patient_id_organisation,
            case when u(p.n, 'NHS number traced') < 0.985 then p.nhs_number end as nhs_number,
            case when u(p.n, 'NHS number traced') < 0.985 then '01' else '04' end as nhs_number_status,
            p.birth_date,
            case when p.moved_date > x.last_day - 45 then p.old_postcode else p.postcode end as postcode,
            case p.sex when 'M' then '1' else '2' end as gender,
            coalesce(e.code, 'Z') as ethnic_category,
            case when p.lsoa is null then 'QZX' else 'QZC' end as residence_responsibility,
            p.surname, p.forename,
            x.{file} as _file, x.patient_id as _sort, p.n as _n
        from patients as x
        inner join patient as p on p.n = x.n
        left join nhs_ethnic as e on e.ours = p.ethnicity
        """,
        file=file.format("CYP001MPI").replace("|| month", "|| x.month"),
    )
    make(
        world,
        "csds",
        "referral",
        """
        select
            provider, month as reporting_period, referral_id as service_request_id, patient_id as local_patient_id,
            received_date, list_extract(['01', '02', '03', '06'], draw(referral, 'referrer', 1, 4))
                as source_of_referral,
            case when u(referral, 'urgent') < 0.05 then '2' else '1' end as priority_type,
            case when closed_date <= last_day then closed_date end as discharge_date,
            {file} as _file, referral_id as _sort, n as _n
        from month_referral
        """,
        file=file.format("CYP101Referral"),
    )
    make(
        world,
        "csds",
        "service_type",
        """
        select
            provider, month as reporting_period, referral_id as service_request_id, team as team_type,
            case when closed_date <= last_day then closed_date end as closure_date,
            case when closed_date <= last_day then '01' end as closure_reason,
            {file} as _file, referral_id as _sort, n as _n
        from month_referral
        """,
        file=file.format("CYP102ServiceTypeReferredTo"),
    )
    make(
        world,
        "csds",
        "care_contact",
        """
        select
            m.provider, m.month as reporting_period, upper(substr(md5(concat('contact', c.contact)), 1, 14))
                as care_contact_id,
            m.referral_id as service_request_id, c.contact_date, c.attendance as attendance_status,
            case when c.attendance in ('5', '6') then c.minutes end as duration_minutes,
            list_extract(['01', '01', '01', '02', '11'], draw(c.contact, 'how', 1, 5)) as consultation_mechanism,
            m.{file} as _file, m.referral_id || c.contact as _sort, m.n as _n
        from month_referral as m
        inner join contact_life as c
            on c.referral = m.referral and c.contact_date <= m.last_day
            -- A first delivery brings the contacts so far of the referrals it holds; a later one those of its month.
            and (c.contact_date >= m.first_day or m.month = '{first_month}')
        """,
        first_month=months(world)[0][0],
        file=file.format("CYP201CareContact").replace("|| month", "|| m.month"),
    )
