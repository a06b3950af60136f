-- repeat_victims looks no further than twelve months from an event.
select rule_id
from {{ ref('repeat_rules') }}
where window_months > 12
