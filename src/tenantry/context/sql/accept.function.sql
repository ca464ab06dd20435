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
    -- why so plain: a pattern with captures and counts costs up to half a millisecond, this one three microseconds
    part constant text[] := string_to_array(
        case
            when octet_length(token) <= 4096
                and token ~ ('^v1\.[a-z0-9_-]+\.[0-9a-f]*\.[0-9a-f]*\.[0-9a-f]*\.[0-9a-f]*'
                    '\.[0-9]+\.[0-9]+\.[0-9a-f]+\.[0-9a-f]+$')
            then token
        end,
        '.'
    );
    asked_at constant timestamptz := clock_timestamp();
    left_s constant numeric := part[7]::numeric - extract(epoch from asked_at);
    -- why one query of few functions: this runs in every transaction, and each of them costs a quarter microsecond
    refusal constant text := (
        select case
            -- why hashed: what is compared byte by byte is not what the caller sent, so its timing leads nowhere
            when (
                sha256(encode(tenantry.sign(ring.inner_pad, ring.outer_pad, left(token, -65)), 'hex')::bytea)
                = sha256(part[10]::bytea)
            ) is not true then 'the context token is not valid'
            when ring.is_revoked then 'the key of the context token is revoked'
            when asked_at < ring.not_before then 'the key of the context token is not valid yet'
            when asked_at >= ring.not_after then 'the key of the context token is not valid any more'
            when left_s <= 0 then 'the context token has expired'
            when left_s > ring.longest_s then 'the context token would live longer than its key allows'
            when part[8] not in ('0', pg_backend_pid()::text) then 'the context token is for another connection'
            -- why: whoever works across tenants must be somebody
            when part[6] <> '' and part[4] = ''
                and 'crossing' = any (string_to_array(convert_from(decode(part[6], 'hex'), 'UTF8'), ' '))
            then 'a context token that crosses tenants must name its actor'
            else ''
        end
        from tenantry.key_ring as ring
        where ring.id = part[2]
    );
begin
    if refusal = '' then
        return concat('t', part[3], ',a', part[4], ',r', part[5], ',s', part[6], ',x', part[9]);
    end if;
    raise insufficient_privilege using message = coalesce(refusal, 'the context token is not valid'),
        hint = 'Mint one for each transaction, with a key that tenantry.keys() shows as valid, and compare the clocks.';
end
$$;

alter function tenantry.accept(text) owner to tenantry_context;

revoke all on function tenantry.accept(text) from public;

comment on function tenantry.accept(text) is 'Verifies a context token; 42501 says why it is refused.';
