-- object: function tenantry.carried(text,integer)
-- about: Gives one field of a carrier that is not the tenant; null where it is empty. Inlined, and stored parsed.
--   Stable, as convert_from() is.
-- lock: none
-- undo: drop function tenantry.carried(text, integer)

create or replace function tenantry.carried(carrier text, place integer) returns text
language sql stable parallel safe
return nullif(
    pg_catalog.convert_from(pg_catalog.decode(pg_catalog.split_part(carrier, ',', place), 'hex'), 'UTF8'), ''
);

alter function tenantry.carried(text, integer) owner to tenantry_owner;

grant execute on function tenantry.carried(text, integer) to public;

comment on function tenantry.carried(text, integer) is 'A field of the carrier: 2 actor, 3 roles, 4 scope.';
