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
    -- why so plain: a pattern with captures and counts costs half a millisecond, this one three microseconds
    part constant text[] := string_to_array(
        case
            when octet_length(token) <= 4096
                and token ~ ('^v1\.[a-z0-9_-]+\.(?:[0-9a-f]{2})*\.(?:[0-9a-f]{2})*\.(?:[0-9a-f]{2})*\.(?:[0-9a-f]{2})*'
                    '\.[0-9]+\.[0-9]+\.[0-9a-f]+\.[0-9a-f]+$')
            then token
        end,
        '.'
    );
    -- why one query: each statement of a function costs a microsecond, and this runs in every transaction
    refusal constant text := (
        select case
            when (
                length(part[7]) <= 12 and length(part[8]) <= 9 and length(part[9]) = 32 and length(part[10]) = 64
                -- why bits are counted: it takes as long wherever the two differ
                and bit_count(
                    ('x' || encode(tenantry.sign(ring.inner_pad, ring.outer_pad, left(token, -65)), 'hex'))::bit(256)
                    # ('x' || part[10])::bit(256)
                ) = 0
            ) is not true then 'the context token is not valid'
            when ring.is_revoked then 'the key of the context token is revoked'
            when clock_timestamp() < ring.not_before then 'the key of the context token is not valid yet'
            when clock_timestamp() >= ring.not_after then 'the key of the context token is not valid any more'
            when to_timestamp(part[7]::bigint) <= clock_timestamp() then 'the context token has expired'
            when to_timestamp(part[7]::bigint - ring.longest_s) > clock_timestamp()
                then 'the context token would live longer than its key allows'
            when part[8]::integer not in (0, pg_backend_pid()) then 'the context token is for another connection'
            else ''
        end
        from tenantry.key_ring as ring
        where ring.id = part[2]
    );
begin
    if refusal = '' then
        return 't' || part[3] || ',a' || part[4] || ',r' || part[5] || ',s' || part[6] || ',x' || part[9];
    end if;
    raise insufficient_privilege using message = coalesce(refusal, 'the context token is not valid'),
        hint = 'Mint one for each transaction, with a key that tenantry.keys() shows as valid, and compare the clocks.';
end
$$;

alter function tenantry.accept(text) owner to tenantry_context;

revoke all on function tenantry.accept(text) from public;

comment on function tenantry.accept(text) is 'Verifies a context token; 42501 says why it is refused.';
