{{ lost_months('police_uk_street') }}
