{{ record_versions('srp_morile', ['theme', 'assessment_date']) }}
