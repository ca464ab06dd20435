-- object: function tenantry.mint(text,text,text,text,integer)
-- about: Mints a token with the newest valid key, for tests, verification and psql; an application mints its own and
--   never holds this right. Security definer, because only its owner may read the key ring.
-- lock: none
-- undo: drop function tenantry.mint(text, text, text, text, integer)

create or replace function tenantry.mint(
    tenant text, actor text default '', role text default '', scope text default '', ttl_s integer default 30
) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    key record;
    payload text;
begin
    select ring.* into key from tenantry.key_ring as ring
    where not ring.is_revoked and clock_timestamp() >= ring.not_before and clock_timestamp() < ring.not_after
    order by ring.not_before desc, ring.id desc
    limit 1;
    if not found then
        raise no_data_found using message = 'the key ring has no valid key', hint = 'Add one: tenantry.add_key().';
    end if;
    if ttl_s is null or ttl_s not between 1 and key.longest_s then
        raise invalid_parameter_value using message = format('ttl_s must be from 1 to %s', key.longest_s);
    end if;
    payload := concat_ws(
        '.', 'v1', key.id, floor(extract(epoch from clock_timestamp()))::bigint + ttl_s, 0,
        concat_ws(
            ',',
            case
                when tenant ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then concat('u', replace(tenant, '-', ''), 'u')
                when tenant ~ '^(0|-?[1-9][0-9]{0,18})$' then concat('n', replace(tenant, '-', 'm'), 'n')
                when tenant <> '' then concat('x', encode(convert_to(tenant, 'UTF8'), 'hex'), 'x')
                else ''
            end,
            encode(convert_to(coalesce(actor, ''), 'UTF8'), 'hex'), encode(convert_to(coalesce(role, ''), 'UTF8'), 'hex'),
            encode(convert_to(coalesce(scope, ''), 'UTF8'), 'hex'), replace(gen_random_uuid()::text, '-', '')
        )
    );
    if octet_length(payload) > 4096 - 65 then
        raise invalid_parameter_value using message = 'the context is too long for a token';
    end if;
    return payload || '.' || encode(tenantry.sign(key.inner_pad, key.outer_pad, payload), 'hex');
end
$$;

alter function tenantry.mint(text, text, text, text, integer) owner to tenantry_context;

revoke all on function tenantry.mint(text, text, text, text, integer) from public;

grant execute on function tenantry.mint(text, text, text, text, integer) to tenantry_owner;

comment on function tenantry.mint(text, text, text, text, integer) is 'Mints a token with the newest key.';
