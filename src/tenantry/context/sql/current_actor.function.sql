-- object: function tenantry.current_actor()
-- about: Says who acts; null where nobody is known.
-- lock: none
-- undo: drop function tenantry.current_actor()

create or replace function tenantry.current_actor() returns text
language sql stable parallel safe
return tenantry.carried(tenantry.carrier(), 2);

alter function tenantry.current_actor() owner to tenantry_owner;

grant execute on function tenantry.current_actor() to public;

comment on function tenantry.current_actor() is 'The actor of this transaction.';
