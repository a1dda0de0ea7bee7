# The key of every child of every source: kept from run to run by the register, new where a child is new.
# Python because keys are salted, and the salt may stand in no SQL that dbt writes down (docs/decisions/0012).
def model(dbt, session):
    import os

    from warehouse import linkage

    return linkage.crosswalk(
        record=dbt.ref("int_person__record").select("source", "source_person_id").to_arrow_table(),
        link=dbt.ref("int_person__link").to_arrow_table(),
        entry=dbt.ref("stg_person__register").to_arrow_table(),
        known_on=os.environ["COUNTYWIDE_KNOWN_ON"],
        salt_file=os.environ["COUNTYWIDE_SALT"],
    )
