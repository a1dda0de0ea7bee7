"""Families and their children: who they are, where they live, what numbers the systems know them by."""

from __future__ import annotations

from warehouse import specification
from warehouse.synthetic.geography import POSTCODES_PER_LSOA
from warehouse.synthetic.inequality import strength
from warehouse.synthetic.world import BOYS, YEARS_OF_AGE, World, choose, margin, share

CHILDREN = {"1": 0.42, "2": 0.38, "3": 0.14, "4": 0.06}
BIRTHS_PER_FAMILY = sum(int(number) * part for number, part in CHILDREN.items())
# First births spread over these years, so that families with grown children are there too.
YEARS_OF_FAMILIES = 38
LANGUAGES = {
    "WOTH": ["POL", "RUM", "POR", "ITA"],
    "APKN": ["URD", "PNJ"],
    "AIND": ["GUJ", "HIN", "PNJ"],
    "ABAN": ["BNG"],
    "BAFR": ["SOM", "YOR", "FRN"],
    "CHNE": ["CHI"],
    "OOTH": ["ARA", "TUR", "PRS"],
    "AOTH": ["TAM", "NEP"],
    "WROM": ["ROM"],
}


def build(world: World) -> None:
    """Tables family and person."""
    _names(world)
    _families(world)
    _persons(world)
    world.count("people from birth to 26", "person")


def _names(world: World) -> None:
    world.sql("create table name_list (kind varchar, background varchar, sex varchar, number integer, name varchar)")
    world.con.executemany(
        "insert into name_list values (?, ?, ?, ?, ?)",
        [
            [r["kind"], r["background"], r["sex"], int(r["number"]), r["name"]]
            for r in specification.rows("person_name")
        ],
    )


def background(column: str) -> str:
    """SQL: which list of names an ethnicity code draws from."""
    return (
        f"case when {column} in ('AIND', 'APKN', 'ABAN', 'AOTH') then 'south_asian'"
        f" when {column} in ('BCRB', 'BAFR', 'BOTH', 'MWBA') then 'black'"
        f" when {column} in ('WOTH', 'WROM') then 'european'"
        f" when {column} in ('CHNE', 'OOTH') then 'other' else 'general' end"
    )


def population_ethnicity() -> dict[str, float]:
    """Ethnicity of all children, such that plans come out with the published mix after the planted inequality."""
    return {
        code: part / strength("ID02", "ethnicity", code) if strength("ID02", "ethnicity", code) else part
        for code, part in margin("ethnicity").items()
    }


def _families(world: World) -> None:
    everyone = population_ethnicity()
    minority = {code: part for code, part in everyone.items() if code != "WBRI"}
    world.sql(
        """
        create table family as
        with drawn as (
            select
                f::bigint as family,
                1 + floor(u(f, 'lsoa') * {own})::integer as lsoa,
                u(f, 'ethnicity') as u_ethnicity,
                u(f, 'which ethnicity') as u_which,
                {children}::integer as children,
                ({as_at} - floor(u(f, 'first birth') * {days})::integer)::date as first_birth,
                u(f, 'moved') < 0.05 as has_moved
            from range({families}) as r(f)
        ),
        placed as (
            select
                drawn.*, l.district, l.idaci_quintile,
                case when u_ethnicity < d.minority_share * {tilt} then {minority} else 'WBRI' end as ethnicity
            from drawn
            inner join lsoa as l on l.is_own and l.n = drawn.lsoa
            inner join district as d on d.number = l.district
        )
        select
            placed.* exclude (u_ethnicity, u_which),
            case when has_moved then date '2026-06-01' + draw(family, 'move day', 0, 180) end as moved_date,
            draw(family, 'postcode', 0, {live}) as postcode_place,
            draw(family, 'old postcode', 0, {live}) as old_postcode_place,
            u(family, 'fsm') < ({fsm}) as is_fsm,
            {background} as background
        from placed
        """,
        own=world.number("select count(*) from lsoa where is_own"),
        families=round(world.cohort * YEARS_OF_FAMILIES / (BIRTHS_PER_FAMILY * (1 + share("twins")))),
        children=choose(CHILDREN, "u(f, 'children')"),
        days=YEARS_OF_FAMILIES * 365,
        minority=choose(minority, "u_which"),
        tilt=round(sum(minority.values()) / sum(everyone.values()) / _minority_mean(), 6),
        live=POSTCODES_PER_LSOA - 3,
        fsm="case idaci_quintile "
        + " ".join(f"when {quintile} then {part}" for quintile, part in margin("free_school_meals").items())
        + " end",
        background=background("ethnicity"),
    )


def _minority_mean() -> float:
    rows = specification.rows("district")
    total = sum(float(row["population_weight"]) for row in rows)
    return sum(float(row["population_weight"]) * float(row["minority_share"]) for row in rows) / total


def _persons(world: World) -> None:
    first = {
        (group, sex): number
        for group, sex, number in world.con.execute(
            "select background, sex, count(*) from name_list where kind = 'first' group by all order by all"
        ).fetchall()
    }
    last = dict(
        world.con.execute(
            "select background, count(*) from name_list where kind = 'last' group by all order by all"
        ).fetchall()
    )
    languages = " ".join(
        f"when '{code}' then list_extract({codes!r}, draw(family, 'language', 1, {len(codes)}))"
        for code, codes in LANGUAGES.items()
    )
    first_count = " ".join(f"when '{group}{sex}' then {number}" for (group, sex), number in sorted(first.items()))
    last_count = " ".join(f"when '{group}' then {number}" for group, number in sorted(last.items()))
    world.sql(
        """
        create table person as
        with births as (
            select
                f.*, k,
                f.family * 8 + k * 2 as birth,
                (f.first_birth + (k * 1000 + draw(f.family * 8 + k * 2, 'spacing', 0, 600))::integer)::date
                    as birth_date
            from family as f, lateral (select unnest(range(f.children)) as k)
        ),
        children as (
            select births.*, birth + t as draw_id, t = 1 as is_second_twin, u(birth, 'twins') < {twins} as is_twin
            from births, lateral (select unnest(range(case when u(birth, 'twins') < {twins} then 2 else 1 end)) as t)
            where birth_date <= {as_at} and birth_date > {as_at} - {days}
        ),
        numbered as (
            select *, row_number() over (order by draw_id)::bigint as n from children
        ),
        sexed as (
            select *, case when u(n, 'sex') < {boys} then 'M' else 'F' end as sex from numbered
        ),
        named as (
            select
                s.*,
                -- A twin takes the next name on the list, so that two children of a family are never one on paper.
                (floor(u(s.birth, 'first name') * (case s.background || s.sex {first_count} end))::integer
                    + case when s.is_second_twin then 1 else 0 end)
                    % (case s.background || s.sex {first_count} end) as first_number,
                floor(u(s.family, 'surname') * (case s.background {last_count} end))::integer as last_number
            from sexed as s
        )
        select
            named.n, named.family, named.birth, named.birth_date, named.sex, named.is_twin, named.is_second_twin,
            named.lsoa, named.district, named.idaci_quintile, named.ethnicity, named.is_fsm, named.moved_date,
            fn.name as forename,
            ln.name as surname,
            now.pcds as postcode,
            coalesce(old.pcds, now.pcds) as old_postcode,
            age_on(named.birth_date, {as_at}) as age,
            reception_start(named.birth_date) as reception_start,
            case when named.ethnicity <> 'WBRI' and u(named.family, 'home language') < 0.6
                then coalesce(case named.ethnicity {languages} end, 'ENG') else 'ENG' end as language,
            u(named.n, 'arrived') < 0.08 as is_arrival,
            '9' || lpad(scrambled(named.n)::varchar, 8, '0') as care_number,
            nhs_from(900000000 + 2 * scrambled(named.n)) as nhs_number,
            uln_from(400000000 + 2 * scrambled(named.n + 7)) as uln
        from named
        inner join name_list as fn
            on fn.kind = 'first' and fn.background = named.background and fn.sex = named.sex
            and fn.number = named.first_number
        inner join name_list as ln
            on ln.kind = 'last' and ln.background = named.background and ln.number = named.last_number
        inner join postcode as now on now.is_own and now.lsoa = named.lsoa and now.place = named.postcode_place
        left join postcode as old
            on named.has_moved and old.is_own and old.lsoa = named.lsoa and old.place = named.old_postcode_place
        """,
        boys=BOYS,
        twins=share("twins"),
        days=YEARS_OF_AGE * 365,
        first_count=first_count,
        last_count=last_count,
        languages=languages,
    )
