{#-
The rules that a setting named in a plan and a setting attended share (D03 to D06, D12 to D16; L03 on the placement).
`record` must have: the items of the setting, is_known_urn, register_is_loaded, open_urns_of_ukprn, and the register's
type_code, close_date, successor_urn, is_state_mainstream, has_sen_unit, has_resourced_provision.
-#}
{% macro sen2_setting_flags(prefix, from_date) -%}
    "URN" is not null
        and (not {{ matches('"URN"', '[0-9]{5,6}') }} or (register_is_loaded and not is_known_urn)) as {{ prefix }}d03,
    coalesce(close_date < {{ from_date }} and successor_urn is null, false) as {{ prefix }}d04,
    coalesce(not {{ matches('"UKPRN"', '1[0-9]{7}') }}, false) as {{ prefix }}d05,
    coalesce(open_urns_of_ukprn = 1, false) as {{ prefix }}d06,
    ("URN" is not null or "UKPRN" is not null)
        and ("SENunitIndicator" is null or "ResourcedProvisionIndicator" is null) as {{ prefix }}d12,
    coalesce("SENunitIndicator" = '1' and "ResourcedProvisionIndicator" = '1', false) as {{ prefix }}d13,
    has_indicator and ("SENSetting" is not null or coalesce(not is_state_mainstream, false)) as {{ prefix }}d14,
    coalesce(
        is_state_mainstream
        and (
            ("SENunitIndicator" = '1' and not has_sen_unit)
            or ("ResourcedProvisionIndicator" = '1' and not has_resourced_provision)
        ),
        false
    ) as {{ prefix }}d15,
    {{ sen2_rule_names('D16', 'type_code') }} as {{ prefix }}d16
{%- endmacro %}

{#- What the register says of a setting: columns for `sen2_setting_flags`, from `setting` (the record), `register` and `provider`. -#}
{% macro sen2_setting_columns() -%}
    register.urn is not null as is_known_urn,
    loaded.register_is_loaded,
    provider.open_urns_of_ukprn,
    register.type_code,
    register.open_date,
    register.close_date,
    register.successor_urn,
    register.is_state_mainstream,
    coalesce(register_then.has_sen_unit, register.has_sen_unit) as has_sen_unit,
    coalesce(register_then.has_resourced_provision, register.has_resourced_provision) as has_resourced_provision,
    coalesce(setting."SENunitIndicator" = '1', false) or coalesce(setting."ResourcedProvisionIndicator" = '1', false)
        as has_indicator
{%- endmacro %}

{#- The joins behind `sen2_setting_columns`. -#}
{% macro sen2_setting_joins() -%}
    left join {{ ref('dim_establishment') }} as register on setting."URN" = register.urn
    -- What a school had on census day, where a register of that time has landed.
    left join {{ ref('dim_establishment_on_census_day') }} as register_then
        on setting."URN" = register_then.establishment_key and setting.collection_year = register_then.collection_year
    left join (
        select ukprn, count(*) as open_urns_of_ukprn
        from {{ ref('dim_establishment') }}
        where close_date is null
        group by ukprn
    ) as provider on setting."UKPRN" = provider.ukprn
    -- Without a register nothing can be said of a URN; a missing register shows at the door.
    cross join (select count(*) > 0 as register_is_loaded from {{ ref('dim_establishment') }}) as loaded
{%- endmacro %}
