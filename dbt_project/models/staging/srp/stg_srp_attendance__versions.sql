{{ record_versions('srp_attendance', ['meeting_date', 'organisation']) }}
