# Places within reach of each small area: a floating catchment, by functions that are tested against published ones
# (docs/decisions/0012). It reads aggregates only.
def model(dbt, session):
    from warehouse import sufficiency

    return sufficiency.reach(
        home=dbt.ref("equity__access_home").to_arrow_table(),
        site=dbt.ref("equity__access_site").to_arrow_table(),
        catchment=dbt.ref("access_catchment").to_arrow_table(),
    )
