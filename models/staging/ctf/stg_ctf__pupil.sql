-- One row per pupil of a file: identifiers, and the former UPN.
{{ staged('ctf', 'pupil') }}
