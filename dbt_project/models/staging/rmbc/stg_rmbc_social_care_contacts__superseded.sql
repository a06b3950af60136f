{{ config(materialized='incremental', incremental_strategy='append') }}

{{ superseded_rows('rmbc_social_care_contacts', ['contact_ref']) }}
