-- object: function tenantry.tenant_of(text)
-- about: Gives the tenant in a carrier as the text it was minted with, whichever form it has there; null where none.
--   The letters around a form are no hex digits, so that no other field can be taken for it. Stored parsed.
-- lock: none
-- undo: drop function tenantry.tenant_of(text)

create or replace function tenantry.tenant_of(carrier text) returns text
language sql stable parallel safe
return coalesce(
    nullif(pg_catalog.split_part(carrier, 'u', 2), '')::pg_catalog.uuid::text,
    nullif(pg_catalog.translate(pg_catalog.split_part(carrier, 'n', 2), 'm', '-'), ''),
    nullif(
        pg_catalog.convert_from(pg_catalog.decode(pg_catalog.split_part(carrier, 'x', 2), 'hex'), 'UTF8'), ''
    )
);

alter function tenantry.tenant_of(text) owner to tenantry_owner;

grant execute on function tenantry.tenant_of(text) to public;

comment on function tenantry.tenant_of(text) is 'The tenant in a carrier, as text; null where none.';
