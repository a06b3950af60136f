{{ record_versions('rmbc_da_services', ['service_ref']) }}
