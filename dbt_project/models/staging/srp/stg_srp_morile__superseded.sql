{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('srp_morile', ['theme', 'assessment_date']) }}
