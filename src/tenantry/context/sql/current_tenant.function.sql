-- object: function tenantry.current_tenant()
-- about: Says which tenant this transaction serves; null where none. Everyone may ask: policies for public stand on it.
-- lock: none
-- undo: drop function tenantry.current_tenant()

create or replace function tenantry.current_tenant() returns text
language sql stable parallel safe
return tenantry.tenant_of(tenantry.carrier());

alter function tenantry.current_tenant() owner to tenantry_owner;

grant execute on function tenantry.current_tenant() to public;

comment on function tenantry.current_tenant() is 'The tenant this transaction serves, as text.';
