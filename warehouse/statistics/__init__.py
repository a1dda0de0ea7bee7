"""The statistics that make a difference between groups fair to read: pure functions over numpy arrays. See
docs/statistics.md.

No file is read, nothing else of the warehouse is imported, nothing is random without a seed that the caller names.
Rules that hold for every function:

- Arguments are numbers or arrays of them, broadcast against each other where the function works value by value.
- A function that works value by value gives NaN where a value is missing (NaN) or has no denominator (0): no number
  is made up. A function that sums up a whole set refuses a missing value, because leaving one out would answer
  another question.
- What breaks a rule raises ValueError with the argument's name and the rule, and never a value: it may count
  children.
- `confidence` is two-sided, from 0.9 up to but not including 1; 0.95 and 0.998 are the pair that public health
  uses.
- Counts may be fractional: standardised and weighted counts are.
- An option that is one number (`confidence`, `draws`) is held to its range, not to its type: an array or a word in
  its place gets Python's or numpy's own error, or none.
- Each docstring says shapes, units, errors and source, each on a line that begins so. The equity-methods reference is
  the project's own collection of formulas, not in this repository; what is known of a paper's place stands at the
  top of its module.
"""
