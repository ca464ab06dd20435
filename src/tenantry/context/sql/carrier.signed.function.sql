-- object: function tenantry.carrier()
-- about: Gives what the session carries: the content of a token, verified anew in each statement.
-- lock: none
-- undo: drop function tenantry.carrier()

create or replace function tenantry.carrier() returns text
language sql stable parallel safe
return tenantry.accept(nullif(pg_catalog.current_setting('tenantry.token', true), ''));

alter function tenantry.carrier() owner to tenantry_owner;

grant execute on function tenantry.carrier() to public;

comment on function tenantry.carrier() is 'The signed context: the token in tenantry.token, verified.';
