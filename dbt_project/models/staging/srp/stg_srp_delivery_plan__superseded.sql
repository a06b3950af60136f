{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('srp_delivery_plan', ['commitment_ref', 'quarter_start_date']) }}
