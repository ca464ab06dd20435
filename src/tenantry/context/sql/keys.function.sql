-- object: function tenantry.keys()
-- about: Lists the keys without what is secret in them, newest first; the first valid one signs.
-- lock: none
-- undo: drop function tenantry.keys()

create or replace function tenantry.keys()
returns table (
    id text, not_before timestamptz, not_after timestamptz, longest_s integer, is_revoked boolean, is_valid boolean
)
language sql volatile security definer
set search_path = pg_catalog, pg_temp
begin atomic
    select
        ring.id, ring.not_before, ring.not_after, ring.longest_s, ring.is_revoked,
        not ring.is_revoked and pg_catalog.clock_timestamp() >= ring.not_before
        and pg_catalog.clock_timestamp() < ring.not_after
    from tenantry.key_ring as ring
    order by ring.not_before desc, ring.id desc;
end;

alter function tenantry.keys() owner to tenantry_context;

revoke all on function tenantry.keys() from public;

grant execute on function tenantry.keys() to tenantry_owner;

comment on function tenantry.keys() is 'The keys of context tokens, without their secrets, newest first.';
