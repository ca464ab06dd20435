-- case: passwords and keys in a readable table
-- expect: public."Login", public.integration
create table public."Login" (id int primary key, "passwordHash" text);
create table public.integration (id int primary key, stripe_api_key text);
create role case_app_reader;
grant select on public."Login" to case_app_reader;
grant select (stripe_api_key) on public.integration to public;
create role case_app_writer;

-- case: row security, another column's grant, no grant, or a name that only looks like it
-- expect: nothing
create role case_app_reader;
create table public.login (id int primary key, password text);
alter table public.login enable row level security;
grant select on public.login to case_app_reader;
create table public.integration (id int primary key, api_key text);
grant select (id) on public.integration to case_app_reader;
create table public.vault (id int primary key, secret text);
create table public.member (
    id int primary key,
    has_password bool,
    password_changed_at timestamptz,
    public_api_key text,
    tokens int,
    secretary text
);
grant select on public.member to case_app_reader;
