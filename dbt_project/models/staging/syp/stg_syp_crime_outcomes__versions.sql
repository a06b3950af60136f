{{ record_versions('syp_crime_outcomes', ['crime_ref', 'outcome_type', 'outcome_date']) }}
