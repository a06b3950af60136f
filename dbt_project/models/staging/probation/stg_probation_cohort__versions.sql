{{ record_versions('probation_cohort', ['cohort_ref']) }}
