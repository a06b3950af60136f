{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('rmbc_asb_reports', ['report_ref']) }}
