{{ record_versions('marac_cases', ['case_ref']) }}
