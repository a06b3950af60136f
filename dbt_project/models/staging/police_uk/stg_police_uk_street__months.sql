{{ month_winners('police_uk_street') }}
