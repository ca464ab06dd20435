-- object: function tenantry.revoke_key(text)
-- about: Ends a key at once and for good, because its secret is known to somebody.
-- lock: none
-- undo: drop function tenantry.revoke_key(text)

create or replace function tenantry.revoke_key(id text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update tenantry.key_ring as ring set is_revoked = true where ring.id = revoke_key.id;
    if not found then
        raise no_data_found using message = 'the key ring has no such key';
    end if;
end
$$;

alter function tenantry.revoke_key(text) owner to tenantry_context;

revoke all on function tenantry.revoke_key(text) from public;

grant execute on function tenantry.revoke_key(text) to tenantry_owner;

comment on function tenantry.revoke_key(text) is 'Ends a key of context tokens at once and for good.';
