"""A demonstration county: invented people with histories, and the extracts that a council would be handed about them.

No person, school, street or postcode here is real. The same seed and sizes give the same bytes.
"""

from warehouse.synthetic.generator import DEFAULT_SEED, Generated, SyntheticError, generate

__all__ = ["DEFAULT_SEED", "Generated", "SyntheticError", "generate"]
