-- object: function tenantry.carrier()
-- about: Gives what the session says of itself. Any SQL can set it: this is compatibility, and no boundary.
-- lock: none
-- undo: drop function tenantry.carrier()

create or replace function tenantry.carrier() returns text
language sql stable parallel safe
return pg_catalog.concat(
    'x', pg_catalog.encode(pg_catalog.convert_to(tenantry.asked(__tenant_setting__, __tenant_claim__), 'UTF8'), 'hex'),
    'x,', pg_catalog.encode(pg_catalog.convert_to(tenantry.asked(__actor_setting__, __actor_claim__), 'UTF8'), 'hex'),
    ',', pg_catalog.encode(pg_catalog.convert_to(tenantry.asked(__roles_setting__, __roles_claim__), 'UTF8'), 'hex'),
    ',', pg_catalog.encode(pg_catalog.convert_to(tenantry.asked(__scope_setting__, __scope_claim__), 'UTF8'), 'hex'),
    ','
);

alter function tenantry.carrier() owner to tenantry_owner;

grant execute on function tenantry.carrier() to public;

comment on function tenantry.carrier() is 'The plain context: settings of the application. Any SQL can forge it.';
