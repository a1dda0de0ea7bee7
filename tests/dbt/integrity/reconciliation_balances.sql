-- What: rows of an extract were lost or doubled between the delivered file and core. When: a join fans out or drops rows
-- without a reject. It endangers: every count. Resolve: compare neighbouring columns of rpt_quality__reconciliation; the first
-- pair that does not add up names the layer at fault.
select source, entity, balance
from {{ ref('rpt_quality__reconciliation') }}
where balance <> 0
