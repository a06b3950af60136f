{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('marac_cases', ['case_ref']) }}
