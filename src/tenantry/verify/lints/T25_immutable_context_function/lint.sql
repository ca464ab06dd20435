-- title: A policy relies on a function that claims never to change
-- level: warning
-- kind: weakness
-- why: An immutable function is evaluated once when a statement is planned; the cached plan then shows the
--   first tenant's rows to the next one.
-- fix: Mark it stable.
-- uses: routine, root, reach
with pair as (
    select distinct reach.root, reach.routine from reach
)
select
    routine.signature as object,
    null::text as relation,
    null::text as role,
    format(
        'Policies of %s rely on function %s, which is marked immutable and yet depends on who asks.',
        array_to_string(
            (
                array_agg(
                    distinct format('%I.%I', space.nspname, class.relname)
                    order by format('%I.%I', space.nspname, class.relname)
                )
            )[1:10],
            ', '
        )
        || case
            when count(distinct format('%I.%I', space.nspname, class.relname)) > 10
            then format(' and %s more', count(distinct format('%I.%I', space.nspname, class.relname)) - 10)
            else ''
        end,
        routine.signature
    ) as detail,
    format('alter function %s stable;', routine.signature) as fix
from pair
join routine on routine.oid = pair.routine
join root on root.oid = pair.root
join pg_policy as policy on policy.oid = root.policy
join pg_class as class on class.oid = policy.polrelid
join pg_namespace as space on space.oid = class.relnamespace
where routine.provolatile = 'i'
    and (
        routine.source ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
        or exists (
            -- it asks by way of a function it calls
            select from regexp_matches(replace(lower(routine.source), '"', ''), '(\w+)\s*\(', 'g') as call (part)
            join routine as callee on lower(callee.proname) = call.part[1] and callee.oid <> routine.oid
            where callee.source ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
        )
    )
group by routine.signature
order by 1
