select
    {{ key('advice', ['advice.advice_id']) }} as advice_key,
    request.request_key,
    request.person_key,
    advice.advice_type,
    advice.provider,
    advice.requested_date,
    advice.received_date,
    {{ days_between('advice.requested_date', 'advice.received_date') }} as days_to_receive,
    advice._source_file as source_file,
    advice._source_row as source_row
from {{ ref('stg_ehc__advice') }} as advice
inner join {{ ref('fct_request') }} as request on {{ key('request', ['advice.request_id']) }} = request.request_key
