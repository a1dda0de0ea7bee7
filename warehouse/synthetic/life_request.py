"""Requests for an assessment: those that led to a plan, and those that did not."""

from __future__ import annotations

from datetime import date

from warehouse.synthetic.life_plan import weight
from warehouse.synthetic.world import FIRST_FLOW_YEAR, OTHER_COUNCILS, World, margin, share


def build(world: World) -> None:
    """One row per request: those that led to a plan, and those that did not."""
    world.sql(
        """
        create table request_life as
        select
            l.n, l.seq, 'plan' as kind, c.received_date, c.decided_date, l.start_date as issued_date, c.has_exception,
            c.in_time
        from plan_life as l inner join plan_clock as c on c.n = l.n and c.seq = l.seq
        where c.received_date <= {as_at}
        """
    )
    first_refusals = round(world.plans * share("requests_per_plan") * share("request_outcome", "N") * 0.14)
    # Refused first, granted later: two requests of one child.
    world.sql(
        """
        insert into request_life
        select n, 10 + seq, 'refused', before, weekday_before(before + {decision}), null, false, false
        from (
            select n, seq, weekday_after((received_date - 120 - draw(n, 'refused before', 0, 260))::date) as before
            from request_life
            where kind = 'plan' and received_date >= date '2024-06-01' and seq = 1
            order by u(n, 'refused first')
            limit {limit}
        )
        """,
        decision=_decision("n"),
        limit=max(2, round(first_refusals * 2.5)),
    )
    _fruitless(world)
    world.sql(
        """
        create table request_fact as
        select
            r.*,
            p.birth_date, p.district, p.lsoa,
            concat(r.n, '-', r.seq) as r,
            case when r.kind = 'exported' then list_extract({councils}, draw(concat(r.n, '-', r.seq), 'to', 1, 10)) end
                as exported_to,
            -- A refusal put right after mediation or an appeal keeps its outcome, and an assessment follows.
            r.kind = 'plan' and r.received_date >= date '2024-01-01' and u(concat(r.n, '-', r.seq), 'put right') < 0.02
                as was_put_right,
            r.kind in ('refused') and u(concat(r.n, '-', r.seq), 'mediation') < {mediation} as refusal_mediated,
            r.kind in ('refused') and u(concat(r.n, '-', r.seq), 'appeal') < {appeal} as refusal_appealed
        from request_life as r inner join person as p on p.n = r.n
        """,
        councils=OTHER_COUNCILS,
        mediation=share("refusal_mediation"),
        appeal=share("refusal_appeal"),
    )


def _fruitless(world: World) -> None:
    """Requests that led to no plan, in proportion to the year's that did: one draw of people, dealt out by ending."""
    as_at, slots, upto = world.as_at, [], 0
    outcome, assessed = margin("request_outcome"), margin("assessment_outcome")
    decided = outcome["Y"] + outcome["N"] + outcome["W"]
    agreed = outcome["Y"] / decided
    for year in range(FIRST_FLOW_YEAR, as_at.year + 1):
        first, last = date(year, 1, 1), min(date(year, 12, 31), as_at)
        in_year = f"from request_life where received_date between date '{first}' and date '{last}' and kind"
        fruitful = world.number(f"select count(*) {in_year} = 'plan'")
        received = fruitful / (agreed * assessed["Y"])
        rates = {
            "refused": received * outcome["N"] / decided - world.number(f"select count(*) {in_year} = 'refused'"),
            "withdrawn": received * outcome["W"] / decided,
            "no_plan": received * agreed * assessed["N"],
            "assessment_withdrawn": received * agreed * assessed["W"],
            "exported": received * 0.006,
        }
        for kind_number, (kind, rate) in enumerate(rates.items()):
            size = max(2 if year < as_at.year else 0, round(rate))
            seq = 20 + 10 * (year - FIRST_FLOW_YEAR) + kind_number
            slots.append(f"('{kind}', {seq}, date '{first}', {(last - first).days}, {upto}, {upto + size})")
            upto += size
    by_request_age = weight(margin("request_age"))
    world.sql(
        """
        create table fruitless as
        with drawn as (
            select n from person
            where ({weight}) > 0 and not exists (select 1 from plan_class where plan_class.n = person.n)
            order by race(n, 'fruitless', {weight}), n
            limit {size}
        ),
        dealt as (
            select n, row_number() over (order by u(n, 'dealt'), n) - 1 as place from drawn
        )
        select d.n, s.kind, s.seq,
            least(weekday_after(s.first_day + floor(u(d.n, 'received') * s.days)::integer), {as_at}) as received
        from dealt as d
        inner join (values {slots}) as s(kind, seq, first_day, days, from_place, to_place)
            on d.place >= s.from_place and d.place < s.to_place;
        create table taken as
        select n from plan_class
        union all
        select n from fruitless;
        insert into request_life
        select n, seq, kind, received,
            case when kind = 'withdrawn' then weekday_after(received + draw(n, 'withdrew', 5, 38))
                else weekday_before(received + {decision}) end,
            case kind
                when 'no_plan' then weekday_before(received
                    + case when u(n, 'sixteen weeks') < {sixteen} then draw(n, 'told', 84, 112)
                        else draw(n, 'told', 116, 190) end)
                when 'assessment_withdrawn' then weekday_after(received + draw(n, 'withdrew', 75, 120))
                when 'exported' then weekday_after(received + draw(n, 'moved away', 12, 110))
            end,
            false, false
        from fruitless
        """,
        slots=", ".join(slots),
        size=upto,
        weight=by_request_age,
        decision=_decision("n"),
        sixteen=share("refusal_in_16_weeks"),
    )


def _decision(key: str) -> str:
    """SQL: days to the decision whether to assess, for a request that leads to no plan."""
    return (
        f"(case when u({key}, 'decision in time') < {share('decision_in_six_weeks')}"
        f" then 42 - floor(pow(u({key}, 'decision'), 2) * 20) else 46 + floor(pow(u({key}, 'decision'), 2) * 70)"
        " end)::integer"
    )
