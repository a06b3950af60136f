with final as (
    select key from {{ source('control', 'pseudonym_key') }}
)

select * from final
