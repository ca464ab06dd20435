-- title: A policy fails when the context has been reset
-- level: note
-- kind: broken
-- why: After a transaction with a local setting the setting is an empty string, not null, and casting that
--   raises 22P02 on a pooled connection.
-- fix: Write nullif(current_setting(name, true), '') before the cast.
-- uses: spoken_text
with raising as (
    select distinct spoken_text.relation, spoken_text.policy, found.part[1] as setting, spoken_text.signature
    from spoken_text
    cross join lateral regexp_matches(
        spoken_text.text,
        'current_setting\s*\(\s*''([^'']+\.[^'']+)''[^()]*\)\s*(?:\)\s*)?(?:::\s*|\s+as\s+)'
        '(?:uuid|integer|int|int4|int8|bigint|int2|smallint|numeric|jsonb?|oid|date)\M',
        'gi'
    ) as found (part)
)
select
    raising.setting as object,
    null::text as relation,
    null::text as role,
    format(
        'Policies of %s cast %s without nullif%s, so they raise an error when it is an empty string, as it is after a '
        'transaction that set it locally.',
        array_to_string((array_agg(distinct raising.relation order by raising.relation))[1:10], ', ')
        || case
            when count(distinct raising.relation) > 10
            then format(' and %s more', count(distinct raising.relation) - 10)
            else ''
        end,
        raising.setting,
        coalesce(' in ' || string_agg(distinct raising.signature, ', ' order by raising.signature), '')
    ) as detail,
    null::text as fix
from raising
group by raising.setting
order by 1
