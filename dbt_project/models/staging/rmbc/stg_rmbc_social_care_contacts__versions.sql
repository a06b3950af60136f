{{ record_versions('rmbc_social_care_contacts', ['contact_ref']) }}
