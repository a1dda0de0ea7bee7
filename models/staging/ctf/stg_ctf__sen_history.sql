-- Spells of SEN provision, as each school kept them.
{{ staged('ctf', 'sen_history') }}
