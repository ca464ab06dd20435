-- object: function tenantry.accept(text)
-- about: Verifies a token and gives what the carrier is to hold, t<hex>,a<hex>,r<hex>,s<hex>,x<hex>: tenant, actor,
--   roles, scope, context id. Security definer, because only its owner may read the key ring. Stable, because one
--   statement asks once; the clock is read all the same, so that no transaction outlives its token here.
-- lock: none
-- undo: drop function tenantry.accept(text)

create or replace function tenantry.accept(token text) returns text
language plpgsql stable strict parallel safe security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    part constant text[] := regexp_match(
        case when octet_length(token) <= 4096 then token end,
        '^(v1\.([a-z0-9_-]{1,32})\.((?:[0-9a-f]{2})*)\.((?:[0-9a-f]{2})*)\.((?:[0-9a-f]{2})*)\.((?:[0-9a-f]{2})*)'
        '\.([0-9]{1,12})\.([0-9]{1,9})\.([0-9a-f]{32}))\.([0-9a-f]{64})$'
    );
    asked_s constant numeric := extract(epoch from clock_timestamp());
    key record;
begin
    select ring.* into key from tenantry.key_ring as ring where ring.id = part[2];
    -- why sign again: what is compared byte by byte is unknown to the caller, so its timing tells nothing
    if (
        tenantry.sign(key.inner_pad, key.outer_pad, part[10])
        = tenantry.sign(key.inner_pad, key.outer_pad, encode(tenantry.sign(key.inner_pad, key.outer_pad, part[1]), 'hex'))
    ) is not true then
        raise insufficient_privilege using message = 'the context token is not valid',
            hint = 'It was changed on its way, or signed with a key this database does not have.';
    end if;
    if key.is_revoked or asked_s < extract(epoch from key.not_before) or asked_s >= extract(epoch from key.not_after) then
        raise insufficient_privilege using message = 'the key of the context token is not valid now',
            hint = 'Mint with a key that is valid: tenantry.keys() lists them.';
    end if;
    if part[7]::bigint <= asked_s then
        raise insufficient_privilege using message = 'the context token has expired',
            hint = 'Mint a token for each transaction, and compare the clocks of application and database.';
    end if;
    if part[7]::bigint > asked_s + key.longest_s then
        raise insufficient_privilege using message = 'the context token would live longer than its key allows',
            hint = 'Mint it for a shorter time, and compare the clocks of application and database.';
    end if;
    if part[8]::integer not in (0, pg_backend_pid()) then
        raise insufficient_privilege using message = 'the context token is for another connection';
    end if;
    return 't' || part[3] || ',a' || part[4] || ',r' || part[5] || ',s' || part[6] || ',x' || part[9];
end
$$;

alter function tenantry.accept(text) owner to tenantry_context;

revoke all on function tenantry.accept(text) from public;

comment on function tenantry.accept(text) is 'Verifies a context token; 42501 says why it is refused.';
