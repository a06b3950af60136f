{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('srp_survey', ['response_ref'], keeps='first') }}
