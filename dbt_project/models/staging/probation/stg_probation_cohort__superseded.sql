{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('probation_cohort', ['cohort_ref']) }}
