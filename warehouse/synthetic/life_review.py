"""Yearly reviews, the decisions and amended plans that followed, and the moves to the next phase."""

from __future__ import annotations

from warehouse.synthetic.world import World, choose, share


def build(world: World) -> None:
    """Yearly reviews since 2023, with the decisions and amended plans that followed, and the phase transfers."""
    world.sql(
        """
        create table review_life as
        with due as (
            select
                l.n, l.seq, l.class, l.birth_date, l.start_date, l.cease_date, l.reception_start, l.district,
                k, (l.start_date + to_years(k::integer))::date as due_date
            from plan_life as l, lateral (select unnest(range(1, 12)) as k)
            where l.class in ('active', 'ceased') and l.start_date < {as_at}
        ),
        kept as (
            select *, concat(n, '-', seq, '-', k) as r
            from due
            where due_date between date '2023-06-01' and {as_at}
                and due_date <= coalesce(cease_date, {as_at})
                and due_date > coalesce((select max(x.transferred_in_date) from plan_life as x where x.n = due.n),
                    due_date - 1)
        ),
        held as (
            select *,
                case when u(r, 'held') < {recorded} and u(concat(n, '-', seq), 'never reviewed') >= 0.07
                    then not_sunday(due_date - 45 + floor(u(r, 'meeting') * 50)::integer) end as drawn_meeting
            from kept
        ),
        met as (
            select *, case when drawn_meeting <= least({as_at}, coalesce(cease_date, {as_at}))
                and drawn_meeting > start_date
                then drawn_meeting end as meeting_date
            from held
        ),
        decided as (
            select *,
                weekday_before(meeting_date + case when u(r, 'in time') < {four_weeks} then draw(r, 'decision', 10, 28)
                    else draw(r, 'decision', 31, 120) end) as drawn_decision,
                u(r, 'decided') < 0.90 as is_decided
            from met
        ),
        outcome as (
            select *,
                case when is_decided and drawn_decision <= {as_at} then drawn_decision end as decision_date,
                {outcome} as drawn_outcome
            from decided
        )
        select
            n, seq, r, k, due_date, meeting_date, decision_date,
            case when decision_date is not null then drawn_outcome end as outcome,
            case when decision_date is not null and drawn_outcome = 'A' and decision_date + 2 <= {as_at}
                then weekday_before(decision_date + draw(r, 'draft', 0, 2)) end as draft_issued_date,
            case when decision_date is not null and drawn_outcome = 'A' and decision_date + 70 <= {as_at}
                then weekday_before(decision_date + draw(r, 'final', 45, 70)) end as final_issued_date,
            'annual' as review_type,
            null::date as phase_transfer_due_date,
            null::date as phase_transfer_final_date
        from outcome
        where meeting_date is not null or u(r, 'planned') < 0.5
        """,
        recorded=round(share("review_recorded") / 0.93, 5),
        four_weeks=share("review_decision_in_four_weeks"),
        outcome=choose("review_outcome", "u(r, 'outcome')"),
    )
    # The start of school and each move to the next phase in September are decided by 15 February, or by 31 March from
    # secondary to post-16.
    world.sql(
        """
        insert into review_life
        with moves as (
            select
                l.n, l.seq, l.start_date, l.cease_date,
                concat(l.n, '-', l.seq, '-phase-', v.years) as r,
                v.years,
                (l.reception_start + to_years(v.years::integer))::date as moves_on
            from plan_life as l, (values (0), (7), (12)) as v(years)
            where l.class in ('active', 'ceased')
        ),
        due as (
            select *, make_date(year(moves_on), case when years = 12 then 3 else 2 end,
                case when years = 12 then 31 else 15 end) as phase_due,
                not_sunday(make_date(year(moves_on) - 1, 10, 1) + draw(r, 'meeting', 0, 70)) as meeting
            from moves
            where year(moves_on) between 2024 and {year}
        )
        select
            n, seq, r, 90 + years, (phase_due - 100)::date, meeting,
            case when meeting + 28 <= {as_at} then weekday_before(meeting + draw(r, 'decision', 12, 28)) end,
            case when meeting + 28 <= {as_at} then 'A' end,
            case when meeting + 28 <= {as_at} then weekday_before(meeting + 28) end,
            case when phase_due + 20 <= {as_at} or u(r, 'early') < 0.04
                then weekday_before(least(phase_due - 4 + case when u(r, 'late') < 0.1 then 24
                    else 0 end, {as_at} - 1)) end,
            'phase_transfer',
            phase_due,
            case when phase_due + 20 <= {as_at} or u(r, 'early') < 0.04
                then weekday_before(least(phase_due - 4 + case when u(r, 'late') < 0.1 then 24
                    else 0 end, {as_at} - 1)) end
        from due
        where meeting > start_date + 60 and meeting <= coalesce(cease_date, {as_at}) and meeting <= {as_at}
        """,
        year=world.as_at.year,
    )
