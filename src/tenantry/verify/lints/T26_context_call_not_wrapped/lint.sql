-- title: Policies ask who asks once for every row
-- level: note
-- kind: hygiene
-- why: A bare call is evaluated again for every row of a scan (five to a hundred times slower); inside
--   (select ...) it runs once per statement.
-- fix: Write (select f()) instead of f() in the policy.
-- uses: policy, routine
with recursive step as (
    -- take out what stands inside sub-selects, innermost first; other parentheses become <>
    select side.oid, side.relation, 0 as turn, side.plain as text
    from (
        select policy.oid, policy.relation, replace(replace(policy.using_plain, '<', '='), '>', '=') as plain
        from policy
        union all
        select policy.oid, policy.relation, replace(replace(policy.check_plain, '<', '='), '>', '=')
        from policy
    ) as side
    where side.plain ~ '\('
    union all
    select
        step.oid, step.relation, step.turn + 1,
        regexp_replace(
            regexp_replace(step.text, '\( SELECT [^()]*\)', 'sub', 'g'), '\((?! SELECT )([^()]*)\)', '<\1>', 'g'
        )
    from step
    where step.text ~ '\([^()]*\)' and step.turn < 50
),
bare as (
    select distinct step.relation, step.oid, call.part[1] as name
    from step
    cross join lateral regexp_matches(
        step.text,
        -- a call whose arguments are constants only
        '((?:[\w"]+\.)?[\w"]+)<(?:(?:''''(?:::[a-z_ ."]+)?|true|false|NULL(?:::[a-z_ ."]+)?|[0-9]+)(?:, )?)*>', 'g'
    ) as call (part)
    where step.text !~ '\([^()]*\)'
),
named as (
    select distinct bare.relation, bare.oid, bare.name
    from bare
    where bare.name = 'current_setting'
        or exists (
            select from routine
            where format('%I.%I', routine.nspname, routine.proname) = bare.name and routine.provolatile <> 'i'
        )
)
select
    named.name || '()' as object,
    null::text as relation,
    null::text as role,
    format(
        '%s policies of %s tables call %s() once for every row that is looked at: %s.',
        count(distinct named.oid), count(distinct named.relation), named.name,
        array_to_string((array_agg(distinct named.relation order by named.relation))[1:10], ', ')
        || case
            when count(distinct named.relation) > 10 then format(' and %s more', count(distinct named.relation) - 10)
            else ''
        end
    ) as detail,
    null::text as fix
from named
group by named.name
order by 1
