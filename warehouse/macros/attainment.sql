{#- The measures of each stage, as staging names them; a column of one of the files is one measure of fct_attainment. -#}
{% macro attainment_measures() -%}
    {{ return({
        'eyfsp': [
            'goal_listening', 'goal_speaking', 'goal_self_regulation', 'goal_managing_self', 'goal_building_relationships',
            'goal_gross_motor', 'goal_fine_motor', 'goal_comprehension', 'goal_word_reading', 'goal_writing', 'goal_number',
            'goal_numerical_patterns', 'goal_past_and_present', 'goal_people_and_communities', 'goal_natural_world',
            'goal_creating', 'goal_being_imaginative', 'good_level_of_development',
        ],
        'phonics': ['phonics_mark', 'phonics_outcome'],
        'mtc': ['mtc_score', 'mtc_outcome'],
        'ks2': [
            'reading_outcome', 'reading_score', 'grammar_outcome', 'grammar_score', 'maths_outcome', 'maths_score',
            'writing_outcome',
        ],
        'ks4': ['attainment_8', 'progress_8', 'progress_8_original', 'pass_in_english_and_maths', 'prior_attainment_band'],
    }) }}
{%- endmacro %}
