-- case: the role may ask, and may read a table with a key, a column of one, and a view that names its key
-- expect: anon
do $$ begin if to_regrole('anon') is null then create role anon; end if; end $$;
create schema if not exists graphql_public;
create function graphql_public.graphql(query text) returns jsonb language sql as $$ select '{}'::jsonb $$;
grant usage on schema graphql_public, public to anon;
create table public.booking (id int primary key, tenant_id uuid not null);
create table public.guest (id int primary key, tenant_id uuid not null);
create view public.latest as select id from public.booking;
comment on view public.latest is '@graphql({"primary_key_columns": ["id"]})';
grant select on public.booking, public.latest to anon;
grant select (id) on public.guest to anon;

-- case: nothing answers GraphQL
-- expect: nothing
do $$ begin if to_regrole('anon') is null then create role anon; end if; end $$;
grant usage on schema public to anon;
create table public.booking (id int primary key, tenant_id uuid not null);
grant select on public.booking to anon;

-- case: the role may not ask
-- expect: nothing
do $$ begin if to_regrole('anon') is null then create role anon; end if; end $$;
create schema if not exists graphql_public;
create function graphql_public.graphql(query text) returns jsonb language sql as $$ select '{}'::jsonb $$;
revoke all on function graphql_public.graphql(text) from public;
grant usage on schema graphql_public, public to anon;
create table public.booking (id int primary key, tenant_id uuid not null);
grant select on public.booking to anon;

-- case: what it may read has no key, and what has a key it may not read
-- expect: nothing
do $$ begin if to_regrole('anon') is null then create role anon; end if; end $$;
create schema if not exists graphql_public;
create function graphql_public.graphql(query text) returns jsonb language sql as $$ select '{}'::jsonb $$;
grant usage on schema graphql_public, public to anon;
create table public.log (line text, tenant_id uuid not null);
create table public.booking (id int primary key, tenant_id uuid not null);
create view public.latest as select id from public.booking;
grant select on public.log, public.latest to anon;
