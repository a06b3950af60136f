{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('srp_attendance', ['meeting_date', 'organisation']) }}
