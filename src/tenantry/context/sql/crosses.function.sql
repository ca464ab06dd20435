-- object: function tenantry.crosses()
-- about: Says whether this statement may work across tenants, where a table's crossing allows it: the token's scope says
--   so, and both the session's role and the role the statement runs as are roles of background work. A function with
--   its owner's rights has neither: the session's role is asked of the setting that such a function leaves alone.
-- lock: none
-- undo: drop function tenantry.crosses()

create or replace function tenantry.crosses() returns boolean
language sql stable parallel safe
return coalesce(
    'crossing' operator(pg_catalog.=) any (
        pg_catalog.string_to_array(tenantry.carried(tenantry.carrier(), 4), ' ')
    )
    and current_user::pg_catalog.text operator(pg_catalog.=) any (__background_roles__::pg_catalog.text[])
    and case pg_catalog.current_setting('role')
        when 'none' then session_user::pg_catalog.text
        else pg_catalog.current_setting('role')
    end operator(pg_catalog.=) any (__background_roles__::pg_catalog.text[]),
    false
);

alter function tenantry.crosses() owner to tenantry_owner;

grant execute on function tenantry.crosses() to public;

comment on function tenantry.crosses() is 'Whether this statement may work across tenants where a table allows it.';
