-- title: A policy opens when nobody has said who asks
-- level: warning
-- kind: weakness
-- why: A condition that is true for a missing context shows every tenant's rows to any request that forgot
--   to set it.
-- fix: Let a missing context mean no rows; give jobs a policy or role of their own.
-- uses: policy, floor
with side as (
    -- the context, however it is read and wrapped, becomes the one word CTX
    select policy.relid, policy.command, policy.relation, policy.polname, wrapped.text
    from policy
    cross join lateral (values (policy.using_plain), (policy.check_plain)) as expression (plain)
    cross join lateral (
        select regexp_replace(expression.plain, 'current_setting\([^()]*\)|[\w"]+\.[\w"]+\(\)', 'CTX', 'g') as text
    ) as called
    cross join lateral (select regexp_replace(called.text, 'NULLIF\(CTX, [^()]*\)', 'CTX', 'g') as text) as emptied
    cross join lateral (select regexp_replace(emptied.text, '\(CTX\)::\w+|CTX::\w+', 'CTX', 'g') as text) as typed
    cross join lateral (select regexp_replace(typed.text, '\( SELECT CTX *\)(::\w+)?', 'CTX', 'g') as text) as wrapped
    where policy.is_permissive and policy.meets_app
)
select
    side.relation as object,
    side.relation as relation,
    null::text as role,
    format(
        'Policies %s of %s let every row through when there is no context.',
        string_agg(distinct quote_ident(side.polname), ', ' order by quote_ident(side.polname)), side.relation
    ) as detail,
    null::text as fix
from side
where not exists (select from floor where floor.relid = side.relid and floor.command in (side.command, '*'))
    and (side.text ~ '\(CTX (IS NULL|= ''''(::\w+)?)\) OR| OR \(CTX (IS NULL|= ''''(::\w+)?)\)'
        and side.text !~ 'NOT \(\('
    or side.text ~ '\m([\w".]+) = COALESCE\(CTX, \1\)')
group by side.relation
order by 1
