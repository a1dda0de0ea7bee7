"""When things run, and what was made of what: the asset graph. The only import of dagster."""
