{{ record_versions('rmbc_asb_reports', ['report_ref']) }}
