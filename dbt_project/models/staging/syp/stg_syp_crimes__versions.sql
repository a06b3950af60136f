{{ record_versions('syp_crimes', ['crime_ref']) }}
