-- object: function tenantry.add_key(text,bytea,timestamp with time zone,timestamp with time zone,integer)
-- about: Adds a key. Give the secret as a bind parameter, never as a literal: literals are logged and shown in
--   pg_stat_activity. Security definer, because only its owner may write the key ring.
-- lock: none
-- undo: drop function tenantry.add_key(text, bytea, timestamp with time zone, timestamp with time zone, integer)

create or replace function tenantry.add_key(
    id text, secret bytea, not_before timestamptz default now(), not_after timestamptz default 'infinity',
    longest_s integer default 60
) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    inner_pad bytea;
    outer_pad bytea;
begin
    if secret is null or length(secret) < 32 then
        raise invalid_parameter_value using message = 'the secret of a key must have 32 bytes or more';
    end if;
    inner_pad := case when length(secret) > 64 then sha256(secret) else secret end;
    inner_pad := inner_pad || decode(repeat('00', 64 - length(inner_pad)), 'hex');
    outer_pad := inner_pad;
    for place in 0..63 loop
        inner_pad := set_byte(inner_pad, place, get_byte(inner_pad, place) # 54);  -- 0x36
        outer_pad := set_byte(outer_pad, place, get_byte(outer_pad, place) # 92);  -- 0x5c
    end loop;
    insert into tenantry.key_ring (id, inner_pad, outer_pad, not_before, not_after, longest_s)
    values (add_key.id, inner_pad, outer_pad, add_key.not_before, add_key.not_after, add_key.longest_s);
end
$$;

alter function tenantry.add_key(text, bytea, timestamptz, timestamptz, integer) owner to tenantry_context;

revoke all on function tenantry.add_key(text, bytea, timestamptz, timestamptz, integer) from public;

grant execute on function tenantry.add_key(text, bytea, timestamptz, timestamptz, integer) to tenantry_owner;

comment on function tenantry.add_key(text, bytea, timestamptz, timestamptz, integer)
is 'Adds a key for context tokens; bind the secret.';
