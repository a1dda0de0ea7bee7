-- One row per child and episode, as the latest return says. An episode that a return left open ends where the child's next
-- one starts; one that no later return carries on ends with its return's year, because a return names every child who was
-- looked after on any day of its year.
with latest as (
    select
        child_id,
        episode_start,
        episode_end,
        reason_new_episode,
        legal_status,
        category_of_need,
        placement_type,
        return_year,
        _source_file,
        _source_row
    from {{ first_rows(ref('stg_ssda903__episodes'), ['child_id', 'episode_start'], 'return_year desc') }}
),

last_return as (
    select max(return_year) as return_year from {{ ref('stg_ssda903__episodes') }}
),

followed as (
    select
        latest.*,
        last_return.return_year as last_return_year,
        lead(latest.episode_start) over (partition by latest.child_id order by latest.episode_start) as next_start
    from latest
    cross join last_return
)

select
    child_id,
    episode_start,
    case
        when episode_end is not null then episode_end
        when next_start is not null then next_start
        when return_year < last_return_year then {{ date_of('return_year', 3, 31) }}
    end as episode_end,
    legal_status,
    category_of_need,
    placement_type,
    return_year,
    _source_file as source_file,
    _source_row as source_row
from followed
