"""Where each plan is attended, phase by phase, and for which needs."""

from __future__ import annotations

from warehouse.synthetic.inequality import apart, district_number, planted
from warehouse.synthetic.world import World, choose, margin, share

BANDS = {"early": "00_04", "primary": "05_10", "secondary": "11_15", "post16": "16_18", "adult": "19_25"}

INDEPENDENT = {"si", "nm"}  # independent and non-maintained special schools, as PL04 counts them
MOVED_IN_YEAR = 0.12  # of those with a plan at a mainstream school of the county, in three years


def build(world: World) -> None:
    """Tables segment and plan_need."""
    _segments(world)
    _needs(world)


def settings_by_need(phase: str) -> tuple[str, dict[str, float], dict[str, float]]:
    """The need that is planted as placed apart (PL04), and the shares of settings in a phase for it and for others."""
    ((need, ratio),) = planted("PL04", "primary_need").items()
    return need, *apart(margin(f"setting_{BANDS[phase]}"), INDEPENDENT, ratio, share("primary_need", need))


def _setting(phase: str) -> str:
    """SQL: the setting of a plan in a phase. Most stay in the kind that they had."""
    draw = "case when u(concat(n, phase), 'redraw') < 0.12 then u(concat(n, phase), 'setting') else u(n, 'setting') end"
    need, its, others = settings_by_need(phase)
    return f"case when ({_primary_need()}) = '{need}' then {choose(its, draw)} else {choose(others, draw)} end"


def _primary_need() -> str:
    return choose("primary_need", "u(n, 'need')")


def _segments(world: World) -> None:
    """Where each plan was attended, phase by phase, since September 2024."""
    settings = {phase: _setting(phase) for phase in BANDS}
    chosen = " ".join(f"when '{phase}' then {sql}" for phase, sql in settings.items())
    out = planted("PL03", "district")
    district, times = next((district_number(code), factor) for code, factor in out.items())
    world.sql(
        """
        create table segment as
        with life as (
            select *, coalesce(cease_date, {as_at}) as life_end,
                coalesce(transferred_in_date, start_date) as held_from
            from plan_life where start_date <= {as_at}
        ),
        phases(phase, from_years, to_years) as (
            values ('early', -5, 0), ('primary', 0, 7), ('secondary', 7, 12), ('post16', 12, 15), ('adult', 15, 23)
        ),
        spans as (
            select
                l.*, phases.phase,
                (l.reception_start + to_years(phases.from_years))::date as phase_start,
                (l.reception_start + to_years(phases.to_years) - interval 1 day)::date as phase_end
            from life as l
            inner join phases
                on (l.reception_start + to_years(phases.from_years))::date <= l.life_end
                and (l.reception_start + to_years(phases.to_years) - interval 1 day)::date
                    >= greatest(l.held_from, date '2024-09-01')
        ),
        settled as (
            select *, case phase {chosen} end as setting from spans
        ),
        dated as (
            select
                *,
                case
                    when setting in ('main', 'mi') and phase <> 'early' and held_from > phase_start then phase_start
                    when held_from > phase_start then held_from
                    else phase_start end::date as entry_date,
                case when phase_end < life_end then phase_end when cease_date is not null then life_end end::date
                    as leaving_date,
                -- None so large that a planted multiple of it would meet its end.
                case setting when 'main' then 0.04 when 'ss' then 0.06 when 'si' then 0.23 when 'nm' then 0.23
                    when 'mi' then 0.15 when 'fe' then 0.08 when 'sp16' then 0.23 when 'ap' then 0.02 else 0 end
                    * case when district = {district} then {times} else {rest} end as chance_out
            from settled
        ),
        areas as (
            select *, u(concat(n, phase), 'out of county') < least(chance_out, 0.95) as is_out,
                case setting
                    when 'ss' then 'special' when 'si' then 'independent_special' when 'nm'
                        then 'non_maintained_special'
                    when 'mi' then 'independent' when 'ap' then 'alternative' when 'fe' then 'college'
                    when 'sp16' then 'special_college'
                    when 'main' then case when phase in ('early', 'primary') then 'primary' else 'secondary' end
                end as kind
            from dated
        )
        select
            a.n, a.seq, a.class, a.district, a.lsoa, a.birth_date, a.phase, a.setting, a.entry_date, a.leaving_date,
            a.start_date, a.held_from, a.cease_date, a.is_out, a.kind,
            case
                when a.setting in ('rp', 'unit') then coalesce(base.urn, local.urn)
                when a.is_out then pool_out.urn
                when a.setting in ('main', 'ss', 'ap') then local.urn
                else pool_in.urn end as urn,
            case when a.setting = 'uk' then (10090000 + draw(concat(a.n, a.phase), 'ukprn', 1, 40))::varchar end
                as ukprn,
            a.setting = 'unit' and base.urn is not null as sen_unit,
            a.setting = 'rp' and base.urn is not null as resourced_provision,
            case when a.setting in ('si', 'nm', 'sp16') and u(concat(a.n, a.phase), 'residential') < 0.048
                then case when u(a.n, 'weeks') < {fifty_two} then 52 else draw(a.n, 'weeks', 38, 44) end end
                as residential_weeks,
            case when a.phase in ('post16', 'adult') and a.setting in ('fe', 'sp16', 'uk')
                    and age_on(a.birth_date, a.entry_date) >= 16 and u(a.n, 'work based') < {work}
                then {work_kind} end as work_based_activity
        from areas as a
        left join near_base as base
            on a.setting in ('rp', 'unit') and base.lsoa = a.lsoa and base.is_unit = (a.setting = 'unit')
            and base.kind = case when a.phase in ('early', 'primary') then 'primary' else 'secondary' end
        left join near_school as local
            on local.lsoa = a.lsoa
            and local.kind = coalesce(
                case when a.setting in ('rp', 'unit')
                    then case when a.phase in ('early', 'primary') then 'primary' else 'secondary' end end, a.kind)
            and local.place = case when local.kind in ('special', 'alternative')
                then 1 + floor(u(a.n, 'which near') * local.places)::integer else 1 end
        left join setting_pool as pool_in
            on pool_in.kind = a.kind and pool_in.is_own
            and pool_in.place = floor(u(concat(a.n, a.phase), 'which') * pool_in.places)
        left join setting_pool as pool_out
            on pool_out.kind = a.kind and not pool_out.is_own
            and pool_out.place = floor(u(concat(a.n, a.phase), 'which') * pool_out.places);
        -- Mainstream in the county is the school the child goes to anyway.
        update segment set urn = m.urn
        from mainstream as m
        where segment.setting = 'main' and not segment.is_out and m.n = segment.n and m.kind = segment.kind;
        -- A few came there in the middle of a school year, from another school near.
        create table moved_in_year as
        with move as (
            select s.*, near.urn as former_urn, concat(s.n, s.phase) as m,
                weekday_after((make_date(2024 + draw(concat(s.n, s.phase), 'year of the move', 0, 2), 11, 3)
                    + draw(concat(s.n, s.phase), 'day of the move', 0, 180))::date) as moved_date
            from segment as s
            inner join near_school as near
                on near.lsoa = s.lsoa and near.kind = s.kind and near.urn <> s.urn
            where s.setting = 'main' and not s.is_out and s.phase in ('primary', 'secondary')
                and u(concat(s.n, s.phase), 'moved in the year') < {moved}
            qualify row_number() over (partition by s.n, s.seq, s.phase order by near.place) = 1
        )
        select * from move
        where moved_date > greatest(entry_date, held_from) + 60
            and moved_date < least(coalesce(leaving_date, {as_at}), {as_at}) - 14;
        update segment set entry_date = m.moved_date
        from moved_in_year as m
        where m.n = segment.n and m.seq = segment.seq and m.phase = segment.phase;
        insert into segment by name
        select * exclude (former_urn, moved_date, m) replace (former_urn as urn, moved_date - 1 as leaving_date)
        from moved_in_year;
        """,
        moved=MOVED_IN_YEAR,
        chosen=chosen,
        district=district,
        times=times,
        rest=1.0,
        fifty_two=share("residential_52_weeks"),
        work=round(share("work_based") * 4.3, 5),
        work_kind=choose("work_based_activity", "u(n, 'work kind')").replace("u(n,", "u(a.n,"),
    )


def _needs(world: World) -> None:
    world.sql(
        """
        create table plan_need as
        with first_need as (
            select n, seq, start_date, {primary} as sen_type from plan_life where start_date <= {as_at}
        ),
        second_need as (
            select n, seq, start_date, {secondary} as sen_type, u(n, 'has second need') < 0.45 as is_held
                from first_need
        )
        select n, seq, 1 as rank, sen_type, start_date as from_date from first_need
        union all
        select s.n, s.seq, 2, s.sen_type, s.start_date
        from second_need as s inner join first_need as f on f.n = s.n and f.seq = s.seq
        where s.is_held and s.sen_type <> f.sen_type
        """,
        primary=_primary_need(),
        secondary=choose("primary_need", "u(n, 'second need')"),
    )
