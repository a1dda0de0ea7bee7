-- One row per scored assessment at an activity (CYP612), such as one area of ASQ-3.
{{ staged('csds', 'coded_assessment') }}
