{{ record_versions('health_treatment', ['episode_ref']) }}
