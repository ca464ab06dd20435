-- object: function tenantry.has_any_role(text[])
-- about: Says whether the actor has one of several roles within the tenant; false where nobody is known.
-- lock: none
-- undo: drop function tenantry.has_any_role(text[])

create or replace function tenantry.has_any_role(names text[]) returns boolean
language sql stable parallel safe
return coalesce(
    names operator(pg_catalog.&&)
    pg_catalog.string_to_array(tenantry.carried(tenantry.carrier(), 3), ','),
    false
);

alter function tenantry.has_any_role(text[]) owner to tenantry_owner;

grant execute on function tenantry.has_any_role(text[]) to public;

comment on function tenantry.has_any_role(text[]) is 'Whether the actor has one of these roles within the tenant.';
