# Plans in the years to come, drawn by chance (docs/decisions/0012); it reads aggregates only.
def model(dbt, session):
    from warehouse import sufficiency

    return sufficiency.forecasts(
        flow=dbt.ref("equity__plan_flow").to_arrow_table(),
        share=dbt.ref("equity__specialist_share").to_arrow_table(),
    )
