{{ record_versions('srp_events', ['event_ref']) }}
