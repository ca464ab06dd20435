-- object: function tenantry.has_role(text)
-- about: Says whether the actor has a role within the tenant; false where nobody is known. For policies of the
--   application as well: (select tenantry.has_role('manager')) runs once a statement.
-- lock: none
-- undo: drop function tenantry.has_role(text)

create or replace function tenantry.has_role(name text) returns boolean
language sql stable parallel safe
return coalesce(
    name operator(pg_catalog.=) any (
        pg_catalog.string_to_array(tenantry.carried(tenantry.carrier(), 3), ',')
    ),
    false
);

alter function tenantry.has_role(text) owner to tenantry_owner;

grant execute on function tenantry.has_role(text) to public;

comment on function tenantry.has_role(text) is 'Whether the actor has this role within the tenant.';
