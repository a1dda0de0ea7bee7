-- Where a proposed base would stand: at its school, or else in the middle of its postcode.
select
    {{ key('resource_base_proposal', ['proposal.proposal_id']) }} as resource_base_proposal_key,
    proposal.proposal_id,
    coalesce(proposal.proposal_name, establishment.establishment_name, proposal.proposal_id) as proposal_name,
    proposal.urn,
    establishment.establishment_key,
    proposal.need,
    proposal.phase,
    proposal.places,
    proposal.opens_date,
    coalesce(establishment.easting, postcode.easting) as easting,
    coalesce(establishment.northing, postcode.northing) as northing,
    proposal._source_file as source_file,
    proposal._source_row as source_row
from {{ ref('stg_resource_base__proposal') }} as proposal
left join {{ ref('dim_establishment') }} as establishment on proposal.urn = establishment.establishment_key
left join {{ ref('int_place__postcode') }} as postcode on {{ to_postcode('proposal.postcode') }} = postcode.postcode
