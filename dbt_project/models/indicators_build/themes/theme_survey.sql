with answers as (
    select
        responses.*,
        responses.answer in ('strongly_agree', 'agree') as is_agreement
    from {{ ref('fct_survey_response') }} as responses
    where responses.answer <> 'dont_know'
),

asked as (
    select
        wave_month_date as month_date,
        force_code,
        csp_code,
        ward_code,
        cast(null as varchar) as lsoa_code,
        {% for question in ['feel_safe_day', 'feel_safe_night', 'asb_is_problem', 'police_and_council_deal'] %}
        sum(weight) filter (where question = '{{ question }}' and is_agreement) as perception_{{ question }}__numerator,
        sum(weight) filter (where question = '{{ question }}') as perception_{{ question }}__denominator
        {%- if not loop.last %},{% endif %}
        {% endfor %}
    from answers
    group by all
),

final as (
    {{ unpivot_measures('asked') }}
)

select * from final
