-- object: function tenantry.sign(bytea,bytea,text)
-- about: Signs a text with HMAC-SHA-256 (RFC 2104), given the key as its two pads. Core sha256() only.
-- lock: none
-- undo: drop function tenantry.sign(bytea, bytea, text)

create or replace function tenantry.sign(inner_pad bytea, outer_pad bytea, payload text) returns bytea
language sql stable strict parallel safe
return pg_catalog.sha256(
    outer_pad operator(pg_catalog.||) pg_catalog.sha256(
        inner_pad operator(pg_catalog.||) pg_catalog.convert_to(payload, 'UTF8')
    )
);

alter function tenantry.sign(bytea, bytea, text) owner to tenantry_context;

revoke all on function tenantry.sign(bytea, bytea, text) from public;

comment on function tenantry.sign(bytea, bytea, text) is 'HMAC-SHA-256 of a text, the key given as its two pads.';
