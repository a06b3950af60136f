{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('syp_incidents', ['incident_ref']) }}
