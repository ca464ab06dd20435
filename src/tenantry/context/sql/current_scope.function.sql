-- object: function tenantry.current_scope()
-- about: Says what a token allows beyond one tenant; null where nothing.
-- lock: none
-- undo: drop function tenantry.current_scope()

create or replace function tenantry.current_scope() returns text
language sql stable parallel safe
return tenantry.carried(tenantry.carrier(), 4);

alter function tenantry.current_scope() owner to tenantry_owner;

grant execute on function tenantry.current_scope() to public;

comment on function tenantry.current_scope() is 'The scope of this transaction beyond one tenant.';
