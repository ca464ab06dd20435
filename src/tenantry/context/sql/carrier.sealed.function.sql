-- object: function tenantry.carrier()
-- about: Gives what the session carries. No set clause and no definer's rights, so that it is inlined into the
--   statement; its body is stored parsed, so that no search path bends it.
-- lock: none
-- undo: drop function tenantry.carrier()

create or replace function tenantry.carrier() returns text
language sql stable parallel safe
return pg_catalog.current_setting('backtrace_functions');

alter function tenantry.carrier() owner to tenantry_owner;

grant execute on function tenantry.carrier() to public;

comment on function tenantry.carrier() is 'The sealed context, which only tenantry_context may set.';
