# Inequality laid over every metric: gradients, funnels, gaps, shrunken areas. Python because it simulates and solves
# (docs/decisions/0012); it reads aggregates only.
def model(dbt, session):
    from warehouse import equity

    return equity.layers(
        metric=dbt.ref("equity__layer_input").filter("breakdown <> 'month'").to_arrow_table(),
        monthly=dbt.ref("equity__layer_input").filter("breakdown = 'month'").order("period_id").to_arrow_table(),
        district_of=dbt.ref("dim_area")
        .filter("area_level = 'ward' and in_county")
        .select("area_level", "area_code", "district_code")
        .to_arrow_table(),
        access=dbt.ref("equity__access")
        .filter("need <> 'all' and in_county")
        .order("period_id, lsoa21_code, need, phase")
        .to_arrow_table(),
    )
