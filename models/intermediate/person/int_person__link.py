# Links between the children of the sources, with their evidence and weight, and the pairs that a person should look at.
# Python because Splink is; everything that is decided is decided in warehouse/linkage (docs/decisions/0012).
def model(dbt, session):
    import os

    from warehouse import linkage

    return linkage.find_links(
        record=dbt.ref("int_person__record").to_arrow_table(),
        evidence=dbt.ref("int_person__evidence").to_arrow_table(),
        school=dbt.ref("int_person__school").to_arrow_table(),
        override=dbt.ref("stg_council__link_override").to_arrow_table(),
        known_on=os.environ["COUNTYWIDE_KNOWN_ON"],
    )
