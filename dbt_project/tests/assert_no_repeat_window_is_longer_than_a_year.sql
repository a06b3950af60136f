-- repeat_victims looks no further than 366 days from an event.
select rule_id
from {{ ref('repeat_rules') }}
where window_days > 366
