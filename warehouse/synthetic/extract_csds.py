"""Community services: a file per table, provider and month; a later month states open referrals again.

Tables beside the first four are delivered from the last quarter on: so old is the providers' version 1.6.
"""

from __future__ import annotations

from warehouse import specification
from warehouse.synthetic.extract_table import make
from warehouse.synthetic.health import months
from warehouse.synthetic.world import World

QUARTER = 3  # months


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
    _of_the_last_quarter(world)


def _of_the_last_quarter(world: World) -> None:
    """Practice, special need, further reasons, clocks, onward referrals, activities and scores."""
    file = "provider || '_' || month || '_{}.csv'"
    world.sql(
        """
        create table late_referral as
        select * from month_referral where month >= '{first}';
        create table late_patient as
        select distinct provider, month, first_day, patient_id, n from late_referral;
        create table late_activity as
        select
            m.provider, m.month, m.n, m.referral, m.referral_id, c.contact, c.contact_date, c.minutes,
            upper(substr(md5(concat('contact', c.contact)), 1, 14)) as contact_id,
            upper(substr(md5(concat('activity', c.contact)), 1, 14)) as activity_id
        from late_referral as m
        inner join contact_life as c on c.referral = m.referral and c.contact_date between m.first_day and m.last_day
        where c.attendance in ('5', '6');
        create table asq_code as
        select * from (values {codes}) as v(tool, area, questionnaire_month);
        """,
        first=months(world)[-QUARTER][0],
        codes=", ".join(
            f"('{row['code']}', '{row['parent_code']}', {row['questionnaire_month']})"
            for row in specification.rows("code_csds_assessment_tool")
        ),
    )
    make(
        world,
        "csds",
        "practice",
        """
        select
            x.provider, x.month as reporting_period, x.patient_id as local_patient_id,
            'E82' || lpad((coalesce(p.lsoa, x.n) % 60 + 1)::varchar, 3, '0') as practice_code,
            coalesce(p.moved_date, p.birth_date + draw(x.n, 'registered', 5, 40)) as start_date,
            'QM7' as responsible_organisation,
            {file} as _file, x.patient_id as _sort, x.n as _n
        from late_patient as x
        inner join patient as p on p.n = x.n
        """,
        file=file.format("CYP002GP"),
    )
    make(
        world,
        "csds",
        "special_need",
        """
        select
            x.provider, x.month as reporting_period, x.patient_id as local_patient_id,
            coalesce(k.sen_type, 'OTH') as need_type,
            {file} as _file, x.patient_id as _sort, x.n as _n
        from late_patient as x
        left join sen_support as k on k.n = x.n
        where (k.n is not null or x.n in (select n from plan_class)) and u(x.n, 'health knows of need') < 0.35
        """,
        file=file.format("CYP401SpEdNeedId"),
    )
    make(
        world,
        "csds",
        "other_reason",
        """
        select
            provider, month as reporting_period, referral_id as service_request_id,
            lpad(draw(referral, 'other reason', 1, 40)::varchar, 3, '0') as reason,
            {file} as _file, referral_id as _sort, n as _n
        from late_referral
        where u(referral, 'has other reason') < 0.2
        """,
        file=file.format("CYP103OtherReasonReferral"),
    )
    make(
        world,
        "csds",
        "rtt",
        """
        select
            provider, month as reporting_period, referral_id as service_request_id, '01' as measurement_type,
            received_date + draw(referral, 'clock', 0, 3) as start_date,
            case when first_contact <= last_day then first_contact + 3 end as end_date,
            case when first_contact <= last_day then '30' else '10' end as status,
            {file} as _file, referral_id as _sort, n as _n
        from late_referral
        where team = '17'
        """,
        file=file.format("CYP104RTT"),
    )
    make(
        world,
        "csds",
        "onward_referral",
        """
        select
            provider, month as reporting_period, referral_id as service_request_id,
            received_date + draw(referral, 'onward', 5, 60) as onward_date, '01' as reason,
            case provider when 'Z9C' then 'Z9D' else 'Z9C' end as receiving_organisation,
            {file} as _file, referral_id as _sort, n as _n
        from late_referral
        where u(referral, 'sent onward') < 0.06 and received_date + 60 <= last_day
        """,
        file=file.format("CYP105OnwardReferral"),
    )
    make(
        world,
        "csds",
        "care_activity",
        """
        select
            provider, month as reporting_period, activity_id as care_activity_id, contact_id as care_contact_id,
            list_extract(['02', '03', '05', '08'], draw(contact, 'activity', 1, 4)) as activity_type,
            minutes as duration_minutes, {file} as _file, activity_id as _sort, n as _n
        from late_activity
        """,
        file=file.format("CYP202CareActivity"),
    )
    # ASQ-3 for the youngest: a low score in one area of six.
    score = (
        "case when u({0}, 'low ' || q.area) < 0.17 then draw({0}, q.area, 0, 3) else draw({0}, q.area, 8, 12) end * 5"
    )
    make(
        world,
        "csds",
        "coded_assessment",
        """
        select
            a.provider, a.month as reporting_period, a.activity_id as care_activity_id, q.tool as tool_type,
            {score} as score, {file} as _file, a.activity_id || q.tool as _sort, a.n as _n
        from late_activity as a
        inner join patient as p on p.n = a.n
        inner join asq_code as q on q.questionnaire_month = case when a.contact_date - p.birth_date < 790 then 24
            when a.contact_date - p.birth_date < 866 then 27 else 30 end
        where a.contact_date - p.birth_date between 650 and 1600
        """,
        score=score.format("a.contact"),
        file=file.format("CYP612CodedAssessmentContact").replace("provider", "a.provider").replace("month", "a.month"),
    )
    make(
        world,
        "csds",
        "referral_assessment",
        """
        select
            r.provider, r.month as reporting_period, r.referral_id as service_request_id, q.tool as tool_type,
            {score} as score, r.received_date + 7 as completed_date,
            {file} as _file, r.referral_id || q.tool as _sort, r.n as _n
        from late_referral as r
        inner join patient as p on p.n = r.n
        inner join asq_code as q on q.questionnaire_month = 30 and q.area = 'communication'
        where r.team = '31' and r.received_date - p.birth_date between 700 and 1600
        """,
        score=score.format("r.referral"),
        file=file.format("CYP609CodedAssessmentReferral").replace("provider", "r.provider").replace("month", "r.month"),
    )
