{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('syp_crime_outcomes', ['crime_ref', 'outcome_type', 'outcome_date']) }}
