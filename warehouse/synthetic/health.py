"""Community health: referrals to the therapies and paediatrics, waits, contacts and discharges."""

from __future__ import annotations

from datetime import date

from warehouse.synthetic.inequality import district_number, planted
from warehouse.synthetic.world import World, by_value

PROVIDERS = ("Z9C", "Z9D")
# team type: chance over the eighteen months for a child without, with SEN support, and with a plan
TEAMS = {
    "31": (0.020, 0.110, 0.200),
    "26": (0.006, 0.030, 0.080),
    "17": (0.012, 0.050, 0.120),
    "25": (0.004, 0.012, 0.045),
}
MONTHS = 6


def months(world: World) -> list[tuple[str, date, date]]:
    """Reporting months delivered by the as-at date: YYYYMM, first and last day; the last is the month before."""
    found = []
    year, month = world.as_at.year, world.as_at.month
    for _ in range(MONTHS):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        last = date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)
        found.append((f"{year}{month:02d}", date(year, month, 1), last))
    return found[::-1]


def build(world: World) -> None:
    """Tables referral_life and contact_life."""
    known_to = months(world)[-1][2]
    began = date(known_to.year - 1, 7, 1)
    waits = planted("HC02", "district")
    elsewhere = waits.pop("rest")
    prompt = by_value("district", {district_number(code): rate for code, rate in waits.items()}, elsewhere)
    world.sql(
        "create table referral_life (referral varchar, n bigint, district integer, team varchar, received_date date,"
        " first_contact date, contacts integer, closed_date date, provider varchar)"
    )
    for team, (anyone, support, plan) in TEAMS.items():
        world.sql(
            """
            insert into referral_life
            with referred as (
                select
                    p.n, p.district, p.birth_date, concat(p.n, '-{team}') as r,
                    weekday_after(date '{began}' + draw(concat(p.n, '-{team}'), 'received', 0, {days})) as received_date
                from person as p
                left join sen_support as k on k.n = p.n
                left join plan_class as c on c.n = p.n
                where p.age <= 18 and u(p.n, 'referred {team}') < case
                    when c.n is not null then {plan}
                    when k.n is not null then {support} * case when k.sen_type in ('SLCN', 'ASD') then 1.6 else 0.8 end
                    else {anyone} end
            ),
            waited as (
                select *,
                    received_date + case when u(r, 'prompt') < ({prompt}) then draw(r, 'wait', 14, 126)
                        else 128 + floor(u(r, 'wait') * 260)::integer end as seen
                from referred
            ),
            seen as (
                select *, not_sunday(seen) as first_contact, draw(r, 'contacts', 1, 8) as contacts from waited
            )
            select
                r, n, district, '{team}', received_date,
                case when first_contact <= date '{known_to}' and u(r, 'never seen') >= 0.04 then first_contact end,
                contacts,
                case when first_contact + contacts * 24 + 20 <= date '{known_to}' or u(r, 'never seen') < 0.02
                    then least(first_contact + contacts * 24 + 20, date '{known_to}') end,
                case when district <= 5 then '{first}' else '{second}' end
            from seen
            where received_date between birth_date and date '{known_to}'
            """,
            team=team,
            began=began,
            days=(known_to - began).days,
            anyone=anyone,
            support=support,
            plan=plan,
            prompt=prompt if team == "31" else "0.72",
            known_to=known_to,
            first=PROVIDERS[0],
            second=PROVIDERS[1],
        )
    world.sql(
        """
        create table contact_life as
        select
            concat(r.referral, '-', k) as contact,
            r.referral, r.provider, r.team, r.n,
            not_sunday(case when k = 0 then r.received_date + draw(r.referral, 'missed', 8, 13)
                else r.first_contact + ((k - 1) * 24)::integer end) as contact_date,
            case when k = 0 then case when u(r.referral, 'missed how') < 0.6 then '3' else '4' end
                when k = 1 then '5'
                when u(concat(r.referral, k), 'attended') < 0.86 then '5'
                when u(concat(r.referral, k), 'attended') < 0.90 then '6'
                when u(concat(r.referral, k), 'attended') < 0.94 then '3' else '2' end as attendance,
            draw(concat(r.referral, k), 'minutes', 4, 12) * 5 as minutes
        from referral_life as r, lateral (select unnest(range(0, r.contacts + 1)) as k)
        where (k > 0 and r.first_contact is not null) or (k = 0 and u(r.referral, 'missed') < 0.06)
        """
    )
    # Children of the neighbouring councils on the same providers' books.
    world.sql(
        """
        create table visitor as
        select
            900000000 + i as n,
            {as_at} - draw(i, 'visitor birth', 400, 6000) as birth_date,
            case when u(i, 'visitor sex') < 0.5 then 'M' else 'F' end as sex,
            (select name from name_list where kind = 'first' and background = 'general'
                and sex = case when u(i, 'visitor sex') < 0.5 then 'M' else 'F' end
                and number = draw(i, 'visitor name', 0, 50)) as forename,
            (select name from name_list where kind = 'last' and background = 'general'
                and number = draw(i, 'visitor surname', 0, 90)) as surname,
            p.pcds as postcode,
            nhs_from(960000000 + 2 * i) as nhs_number
        from range({visitors}) as r(i)
        inner join (select pcds, row_number() over (order by pcds) - 1 as place, count(*) over () as places
                    from postcode where not is_own and terminated is null) as p
            on p.place = (i * 37) % p.places;
        insert into referral_life
        select concat(n, '-31'), n, case when n % 2 = 0 then 1 else 6 end, '31',
            weekday_after(date '{began}' + draw(n, 'visitor received', 0, {days})), null, 0, null,
            case when n % 2 = 0 then '{first}' else '{second}' end
        from visitor;
        """,
        visitors=max(2, round(0.02 * world.number("select count(distinct n) from referral_life"))),
        began=began,
        days=(known_to - began).days,
        first=PROVIDERS[0],
        second=PROVIDERS[1],
    )
    world.count("therapy referrals", "referral_life")
