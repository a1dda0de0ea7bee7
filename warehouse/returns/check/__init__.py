"""Judging a finished SEN2 return by the rules of the warehouse, without a warehouse."""
