{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('health_treatment', ['episode_ref']) }}
