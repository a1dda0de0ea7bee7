-- What: a crosswalk maps a local value to a code that its set does not have. When: a row was mistyped.
-- It endangers: the wrong code would be returned to DfE. Resolve: correct the code in warehouse/spec/crosswalks.
select map.source, map.code_set, map.delivered
from {{ ref('stg_spec__code_map') }} as map
left join {{ ref('stg_spec__code') }} as code on map.code_set = code.code_set and map.code = code.code
where code.code is null
