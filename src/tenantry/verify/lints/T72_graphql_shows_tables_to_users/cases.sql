-- case: the role may ask, and may read a table with a key, a column of one, and a view that names its key
-- expect: authenticated
do $$ begin if to_regrole('authenticated') is null then create role authenticated; end if; end $$;
create schema if not exists graphql_public;
create function graphql_public.graphql(query text) returns jsonb language sql as $$ select '{}'::jsonb $$;
grant usage on schema graphql_public, public to authenticated;
create table public.booking (id int primary key, tenant_id uuid not null);
create table public.guest (id int primary key, tenant_id uuid not null);
create view public.latest as select id from public.booking;
comment on view public.latest is '@graphql({"primary_key_columns": ["id"]})';
grant select on public.booking, public.latest to authenticated;
grant select (id) on public.guest to authenticated;

-- case: nothing answers GraphQL
-- expect: nothing
do $$ begin if to_regrole('authenticated') is null then create role authenticated; end if; end $$;
grant usage on schema public to authenticated;
create table public.booking (id int primary key, tenant_id uuid not null);
grant select on public.booking to authenticated;

-- case: the role may not ask
-- expect: nothing
do $$ begin if to_regrole('authenticated') is null then create role authenticated; end if; end $$;
create schema if not exists graphql_public;
create function graphql_public.graphql(query text) returns jsonb language sql as $$ select '{}'::jsonb $$;
revoke all on function graphql_public.graphql(text) from public;
grant usage on schema graphql_public, public to authenticated;
create table public.booking (id int primary key, tenant_id uuid not null);
grant select on public.booking to authenticated;

-- case: what it may read has no key, and what has a key it may not read
-- expect: nothing
do $$ begin if to_regrole('authenticated') is null then create role authenticated; end if; end $$;
create schema if not exists graphql_public;
create function graphql_public.graphql(query text) returns jsonb language sql as $$ select '{}'::jsonb $$;
grant usage on schema graphql_public, public to authenticated;
create table public.log (line text, tenant_id uuid not null);
create table public.booking (id int primary key, tenant_id uuid not null);
create view public.latest as select id from public.booking;
grant select on public.log, public.latest to authenticated;
