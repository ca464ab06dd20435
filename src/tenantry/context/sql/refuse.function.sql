-- object: function tenantry.refuse(text)
-- about: Raises 42501 and says why a token proves nothing; of a token whose mac is wrong it says nothing more. Never
--   returns.
-- lock: none
-- undo: drop function tenantry.refuse(text)

create or replace function tenantry.refuse(token text) returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
    asked_at constant timestamptz := clock_timestamp();
    left_s numeric;
    key record;
    reason text := 'the context token is not valid';
begin
    select ring.* into key from tenantry.key_ring as ring
    where ring.id = split_part(token, '.', 2)
        and sha256(tenantry.sign(ring.inner_pad, ring.outer_pad, left(token, -65)))
        = sha256(decode(substring(token from '\.([0-9a-f]{64})$'), 'hex'));
    if found and split_part(token, '.', 3) ~ '^[0-9]{1,12}$' then
        left_s := split_part(token, '.', 3)::numeric - extract(epoch from asked_at);
        reason := case
            when key.is_revoked then 'the key of the context token is revoked'
            when asked_at < key.not_before then 'the key of the context token is not valid yet'
            when asked_at >= key.not_after then 'the key of the context token is not valid any more'
            when left_s <= 0 then 'the context token has expired'
            when left_s > key.longest_s then 'the context token would live longer than its key allows'
            when split_part(token, '.', 4) not in ('0', pg_backend_pid()::text)
                then 'the context token is for another connection'
            when token ~ '\.[^.,]*,,[0-9a-f]*,[0-9a-f]+,[0-9a-f]+\.[0-9a-f]+$'
                then 'a context token that crosses tenants must name its actor'
            else reason
        end;
    end if;
    raise insufficient_privilege using message = reason,
        hint = 'Mint one for each transaction, with a key that tenantry.keys() shows as valid, and compare the clocks.';
end
$$;

alter function tenantry.refuse(text) owner to tenantry_context;

revoke all on function tenantry.refuse(text) from public;

comment on function tenantry.refuse(text) is 'Says why a context token is refused: 42501.';
