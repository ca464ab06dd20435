-- case: a view of its owner's rights over the users' table
-- expect: public.people
create table public.actor (id uuid primary key, email text);
alter table public.actor enable row level security;
create view public.people as select id, email from public.actor;
create role case_app_reader;
grant select on public.people to case_app_reader;

-- case: a materialized view, and a view over it
-- expect: public.people, public.addresses
create table public.actor (id uuid primary key, email text);
create materialized view public.people as select id, email from public.actor;
create view public.addresses as select email from public.people;
create role case_app_reader;
grant select on public.people, public.addresses to case_app_reader;

-- case: the sign-in schema's users
-- expect: public.people
create schema auth;
create table auth.users (id uuid primary key, email text);
create view public.people as select id, email from auth.users;
create role case_app_reader;
grant select on public.people to case_app_reader;

-- case: the reader's rights, the reader's own row, or no grant
-- expect: nothing
create table public.actor (id uuid primary key, email text);
alter table public.actor enable row level security;
create view public.people with (security_invoker = true) as select id, email from public.actor;
create view public.myself as select id, email from public.actor where id = current_setting('app.actor_id')::uuid;
create view public.staff as select id, email from public.actor;
create role case_app_reader;
grant select on public.people, public.myself to case_app_reader;
