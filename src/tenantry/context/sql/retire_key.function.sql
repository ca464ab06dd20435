-- object: function tenantry.retire_key(text,timestamp with time zone)
-- about: Ends a key at a time, once every minter uses a newer one. Its tokens are refused from then on.
-- lock: none
-- undo: drop function tenantry.retire_key(text, timestamp with time zone)

create or replace function tenantry.retire_key(id text, at timestamptz default now()) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update tenantry.key_ring as ring
    set not_after = greatest(retire_key.at, ring.not_before + interval '1 microsecond')
    where ring.id = retire_key.id;
    if not found then
        raise no_data_found using message = 'the key ring has no such key';
    end if;
end
$$;

alter function tenantry.retire_key(text, timestamptz) owner to tenantry_context;

revoke all on function tenantry.retire_key(text, timestamptz) from public;

grant execute on function tenantry.retire_key(text, timestamptz) to tenantry_owner;

comment on function tenantry.retire_key(text, timestamptz) is 'Ends a key of context tokens at a time.';
