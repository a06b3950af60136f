{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('syfr_incidents', ['incident_ref']) }}
