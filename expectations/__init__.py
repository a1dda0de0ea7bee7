"""What we demand of other people's files. `runner` is the only module that imports great_expectations."""
