{{ record_versions('syfr_incidents', ['incident_ref']) }}
