-- title: A function sets the context for the whole session
-- level: warning
-- kind: weakness
-- why: The setting outlives the transaction: on a pooled connection the next request starts as this tenant.
-- fix: Pass true as the third argument of set_config, so that the value ends with the transaction.
-- uses: policy, routine
with context as (
    select lower(context.name) as name from unnest(%(context_settings)s::text[]) as context (name)
    union
    select lower(part[1])
    from (
        select policy.using_text as text from policy
        union all
        select policy.check_text from policy
        union all
        select routine.source from routine
    ) as spoken
    cross join lateral regexp_matches(spoken.text, 'current_setting\s*\(\s*''([^'']+\.[^'']+)''', 'gi') as part
)
select
    routine.signature as object,
    null::text as relation,
    null::text as role,
    format(
        'Function %s%s sets %s for the whole session, so the next user of the connection inherits it.',
        routine.signature, case when routine.prosecdef then ', with its owner''s rights,' else '' end,
        string_agg(distinct part[1], ', ' order by part[1])
    ) as detail,
    null::text as fix
from routine
cross join lateral (
    select part
    from regexp_matches(
        routine.source,
        'set_config\s*\(\s*''([^'']+)''\s*,(?:(?!set_config)[^;])*?,\s*(?:is_local\s*(?:=>|:=)\s*)?false\s*\)', 'gi'
    ) as part
    union all
    select part
    from regexp_matches(routine.source, '(?:^|[;\s])set\s+(?:session\s+)?(\w+\.\w+)\s*(?:=|\sto\s)', 'gi') as part
    where routine.lanname = 'plpgsql'
) as assignment
join context on context.name = lower(part[1])
group by routine.signature, routine.prosecdef
order by 1
