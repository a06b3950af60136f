{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('rmbc_da_services', ['service_ref']) }}
