{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('syp_crimes', ['crime_ref']) }}
