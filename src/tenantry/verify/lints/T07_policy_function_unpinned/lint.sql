-- title: A function that policies rely on follows the caller's search path
-- level: warning
-- kind: weakness
-- why: Whoever can create functions in any schema can put an own current_setting() or = before the real
--   one, and the policy believes it.
-- fix: Give the function a fixed search_path (and schema-qualified names), or write its expression into the
--   policies.
-- uses: routine, root, reach
select
    routine.signature as object,
    null::text as relation,
    null::text as role,
    format(
        'Policies of %s rely on function %s, whose names are looked up along the caller''s search path.',
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
    format('alter routine %s set search_path = pg_catalog, pg_temp;', routine.signature) as fix
from reach
join routine on routine.oid = reach.routine
join root on root.oid = reach.root
join pg_policy as policy on policy.oid = root.policy
join pg_class as class on class.oid = policy.polrelid
join pg_namespace as space on space.oid = class.relnamespace
join pg_roles as owner on owner.oid = routine.proowner
where not routine.is_atomic
    and not exists (select from unnest(routine.proconfig) as setting (entry) where setting.entry like 'search_path=%')
    -- why: the platform's own functions (auth.uid() and the like) cannot be altered by its customers
    and owner.rolname !~ '^supabase_'
group by routine.signature
order by 1
