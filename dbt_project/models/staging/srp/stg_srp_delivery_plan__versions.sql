{{ record_versions('srp_delivery_plan', ['commitment_ref', 'quarter_start_date']) }}
