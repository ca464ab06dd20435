-- object: function tenantry.current_roles()
-- about: Says which roles the actor has within the tenant; null where none.
-- lock: none
-- undo: drop function tenantry.current_roles()

create or replace function tenantry.current_roles() returns text[]
language sql stable parallel safe
return pg_catalog.string_to_array(tenantry.carried(tenantry.carrier(), 3), ',');

alter function tenantry.current_roles() owner to tenantry_owner;

grant execute on function tenantry.current_roles() to public;

comment on function tenantry.current_roles() is 'The roles of the actor within the tenant.';
