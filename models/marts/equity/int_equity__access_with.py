# Places within reach with each proposed base (docs/decisions/0012); it reads aggregates only.
def model(dbt, session):
    from warehouse import sufficiency

    return sufficiency.reach_with(
        home=dbt.ref("equity__access_home").to_arrow_table(),
        site=dbt.ref("equity__access_site").to_arrow_table(),
        proposal=dbt.ref("dim_resource_base_proposal").to_arrow_table(),
        catchment=dbt.ref("access_catchment").to_arrow_table(),
    )
