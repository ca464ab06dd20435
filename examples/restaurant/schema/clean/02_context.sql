-- Who asks. A signed token opens the context of one restaurant and one actor for the rest of a transaction.
-- It is kept in backtrace_functions, a built-in setting which only a superuser and restaurant_context_owner may
-- write; its real use (backtraces of C functions of that name) cannot meet a value such as t01ab..,a23cd..
-- The superuser grants that once per server:

grant set on parameter backtrace_functions to restaurant_context_owner;

create schema restaurant_context;

create table restaurant_context.signing_key (
    is_only boolean primary key default true check (is_only),
    inner_pad bytea not null check (length(inner_pad) = 64),
    outer_pad bytea not null check (length(outer_pad) = 64)
);
comment on table restaurant_context.signing_key is 'An HMAC-SHA-256 key (RFC 2104), kept as its two pads.';

create table restaurant_context.entitled_role (
    role_name name primary key
);
comment on table restaurant_context.entitled_role is 'Roles that may open a context at all.';

insert into restaurant_context.entitled_role (role_name)
values ('restaurant_app'), ('restaurant_worker'), ('restaurant_reporting');

do $$
declare
    random bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    secret bytea := sha256(random) || decode(repeat('00', 32), 'hex');
    inner_pad bytea := secret;
    outer_pad bytea := secret;
begin
    for place in 0..63 loop
        inner_pad := set_byte(inner_pad, place, get_byte(secret, place) # 54);  -- 0x36
        outer_pad := set_byte(outer_pad, place, get_byte(secret, place) # 92);  -- 0x5c
    end loop;
    insert into restaurant_context.signing_key (inner_pad, outer_pad) values (inner_pad, outer_pad);
end
$$;

create function restaurant_context.sign(payload text) returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
    select encode(sha256(key.outer_pad || sha256(key.inner_pad || convert_to(payload, 'UTF8'))), 'hex')
    from restaurant_context.signing_key as key
$$;

-- For the login service only: proves that this actor was let into this restaurant, for the next minute.
create function restaurant_context.mint(tenant uuid, actor uuid) returns text
language sql volatile strict
set search_path = pg_catalog, pg_temp
as $$
    select claim.payload || '.' || restaurant_context.sign(claim.payload)
    from (
        select format(
            'v1.%s.%s.%s', replace(tenant::text, '-', ''), replace(actor::text, '-', ''),
            extract(epoch from clock_timestamp() + interval '60 seconds')::bigint
        ) as payload
    ) as claim
$$;

-- Security definer, because only its owner may read the key and write the setting.
create function restaurant_context.open(token text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    part text[] := regexp_match(token, '^(v1\.([0-9a-f]{32})\.([0-9a-f]{32})\.([0-9]{1,12}))\.([0-9a-f]{64})$');
    -- why: in here current_user is the owner; set role and the login say who really asks
    caller name := coalesce(nullif(current_setting('role'), 'none'), session_user);
begin
    if not exists (select from restaurant_context.entitled_role as entitled where entitled.role_name = caller)
        and not exists (select from pg_roles as role where role.rolname = caller and role.rolsuper)
    then
        raise exception 'role % may not open a restaurant', caller using errcode = 'insufficient_privilege';
    end if;
    if current_setting('backtrace_functions') <> '' then
        raise exception 'a restaurant is already open in this transaction' using errcode = 'insufficient_privilege';
    end if;
    if part is null or restaurant_context.sign(part[1]) <> part[5] then
        raise exception 'the token is not valid' using errcode = 'insufficient_privilege';
    end if;
    if part[4]::bigint < extract(epoch from clock_timestamp()) then
        raise exception 'the token has expired' using errcode = 'insufficient_privilege';
    end if;
    perform set_config('backtrace_functions', format('t%s,a%s', part[2], part[3]), true);
end
$$;

alter schema restaurant_context owner to restaurant_context_owner;
alter table restaurant_context.signing_key owner to restaurant_context_owner;
alter table restaurant_context.entitled_role owner to restaurant_context_owner;
alter function restaurant_context.sign(text) owner to restaurant_context_owner;
alter function restaurant_context.mint(uuid, uuid) owner to restaurant_context_owner;
alter function restaurant_context.open(text) owner to restaurant_context_owner;

revoke all on all functions in schema restaurant_context from public;
grant usage on schema restaurant_context to restaurant_app, restaurant_worker, restaurant_reporting;
grant execute on function restaurant_context.open(text)
    to restaurant_app, restaurant_worker, restaurant_reporting;

-- Readers for the application; policies carry the expression itself, so that no search path can bend it.
create function public.current_restaurant_id() returns uuid
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select substring(current_setting('backtrace_functions', true) from '^t([0-9a-f]{32}),a')::uuid
$$;

create function public.current_actor_id() returns uuid
language sql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select substring(current_setting('backtrace_functions', true) from ',a([0-9a-f]{32})$')::uuid
$$;

create function public.touch_updated_at() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := now();
    return new;
end
$$;
