{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('srp_events', ['event_ref']) }}
