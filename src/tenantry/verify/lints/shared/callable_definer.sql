-- about: Functions with their owner's rights that the application may call.
-- uses: routine, asker
select routine.*, string_agg(asker.name, ', ' order by asker.name) as callers
from routine
join asker on has_function_privilege(asker.oid, routine.oid, 'EXECUTE')
    and has_schema_privilege(asker.oid, routine.nspname, 'USAGE')
where routine.prosecdef
    and routine.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
group by
    routine.oid, routine.proname, routine.nspname, routine.lanname, routine.provolatile, routine.prosecdef,
    routine.proconfig, routine.proowner, routine.proargnames, routine.proargmodes, routine.prorettype,
    routine.is_atomic, routine.signature, routine.source
