{{ record_versions('syp_incidents', ['incident_ref']) }}
