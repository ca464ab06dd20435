-- about: A small schema whose isolation is tight by hand: the ground on which every attack must fail, and
--   which each attack's sabotage opens in one place. Load it as superuser into an empty database.
--
-- The context is sealed (docs: tenant context): the trusted side of the connection writes tenant and actor
-- into a setting that only superusers may set, then becomes app_role. Policies read it inline.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'app_owner') then
        create role app_owner nologin nosuperuser nobypassrls;
    end if;
    if not exists (select from pg_catalog.pg_roles where rolname = 'app_role') then
        create role app_role login nosuperuser nobypassrls;
    end if;
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to app_role', current_database());
end
$$;
revoke all on schema public from public;

create schema app authorization app_owner;
grant usage on schema app to app_role;

-- Who the tenants are, who acts for them.

create table app.tenant (
    id uuid primary key default gen_random_uuid(),
    name text not null
);
create table app.person (
    id uuid primary key default gen_random_uuid(),
    name text not null,
    email text not null
);
create table app.member (
    tenant_id uuid not null references app.tenant (id),
    person_id uuid not null references app.person (id),
    role text not null default 'member' check (role in ('owner', 'member')),
    primary key (tenant_id, person_id)
);
create index on app.member (person_id);

-- What they own. Every key between their tables leads with the tenant.

create table app.note (
    tenant_id uuid not null references app.tenant (id),
    id uuid not null default gen_random_uuid(),
    title text not null,
    body text not null default '',
    primary key (tenant_id, id)
);
create table app.note_line (
    tenant_id uuid not null,
    id uuid not null default gen_random_uuid(),
    note_id uuid not null,
    body text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, note_id) references app.note (tenant_id, id) on delete cascade
);
create index on app.note_line (tenant_id, note_id);
create table app.event (
    tenant_id uuid not null references app.tenant (id),
    id uuid not null default gen_random_uuid(),
    happened_at timestamptz not null default now(),
    kind text not null,
    primary key (tenant_id, id, happened_at)
) partition by range (happened_at);
create table app.event_early partition of app.event for values from (minvalue) to ('2020-01-01');
create table app.event_rest partition of app.event default;

-- What everybody reads.

create table app.country (
    code char(2) primary key,
    name text not null
);
insert into app.country (code, name) values ('DE', 'Germany'), ('IE', 'Ireland');

-- The fence: row security on and forced everywhere, one restrictive floor a table for everyone, and a
-- permissive policy that carries rights and nothing else.

do $$
declare
    guarded text;
begin
    foreach guarded in array array['tenant', 'person', 'member', 'note', 'note_line', 'event', 'event_early', 'event_rest']
    loop
        execute format('alter table app.%I enable row level security', guarded);
        execute format('alter table app.%I force row level security', guarded);
        execute format(
            'create policy %I on app.%I as restrictive for all to public using (%s) with check (%s)',
            guarded || '_floor', guarded, predicate, predicate
        )
        from (
            select case guarded
                when 'tenant' then
                    'id = (select substring(current_setting(''backtrace_functions'', true) from ''t([0-9a-f]{32})'')::uuid)'
                when 'person' then
                    'id = (select substring(current_setting(''backtrace_functions'', true) from ''a([0-9a-f]{32})$'')::uuid)'
                else
                    'tenant_id = (select substring(current_setting(''backtrace_functions'', true) from ''t([0-9a-f]{32})'')::uuid)'
            end as predicate
        ) as floor;
        execute format(
            'create policy %I on app.%I for all to app_role, app_owner using (true) with check (true)',
            guarded || '_use', guarded
        );
    end loop;
end
$$;

-- A row never changes its tenant.

create function app.keep_tenant() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    if new.tenant_id is distinct from old.tenant_id then
        raise exception 'a row keeps its tenant' using errcode = '42501';
    end if;
    return new;
end
$$;
create trigger member_keeps_tenant before update on app.member for each row execute function app.keep_tenant();
create trigger note_keeps_tenant before update on app.note for each row execute function app.keep_tenant();
create trigger note_line_keeps_tenant before update on app.note_line for each row execute function app.keep_tenant();
create trigger event_keeps_tenant before update on app.event for each row execute function app.keep_tenant();

-- The doors: a view that asks with its reader's rights, a function that counts, the opener of the context.

create view app.note_view with (security_invoker = true) as
    select tenant_id, id, title from app.note;

create function app.note_count() returns bigint
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select count(*) from app.note $$;

create function app.enter(tenant uuid, actor uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
    select set_config(
        'backtrace_functions', 't' || replace(tenant::text, '-', '') || ',a' || replace(actor::text, '-', ''), true
    )
$$;

do $$
declare
    owned text;
begin
    foreach owned in array array['tenant', 'person', 'member', 'note', 'note_line', 'event', 'event_early', 'event_rest', 'country', 'note_view']
    loop
        execute format('alter table app.%I owner to app_owner', owned);
    end loop;
end
$$;
alter function app.keep_tenant() owner to app_owner;
alter function app.note_count() owner to app_owner;
revoke all on all functions in schema app from public;
alter default privileges for role app_owner revoke execute on functions from public;

-- What the application may do: no TRUNCATE, TRIGGER or REFERENCES, nothing on partitions, and it owns nothing.

grant select on app.tenant, app.person, app.country, app.note_view to app_role;
grant select, insert, update, delete on app.member, app.note, app.note_line, app.event to app_role;
grant execute on function app.note_count() to app_role;
