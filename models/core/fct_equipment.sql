-- Episodes of audiology, wheelchair and equipment services.
select
    {{ key('equipment', ['episode.episode_id']) }} as equipment_key,
    identity.person_key,
    episode.service,
    episode.item,
    episode.referral_date,
    episode.assessed_date,
    episode.issued_date,
    episode.review_due_date,
    episode.returned_date,
    {{ days_between('episode.referral_date', 'episode.issued_date') }} as days_to_issue,
    episode._source_file as source_file,
    episode._source_row as source_row
from {{ ref('stg_equipment__episode') }} as episode
inner join {{ ref('bridge_person_identity') }} as identity
    on identity.source = 'equipment' and episode.episode_id = identity.source_person_id
