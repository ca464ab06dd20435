-- A policy about something else than the tenant stays; the floor is restrictive and stands beside it.
create role app_user login;
create table companies (id uuid primary key);
create table documents (id uuid primary key, company_id uuid not null references companies, is_draft boolean not null);
alter table documents enable row level security;
alter table documents force row level security;
create policy published on documents for select to app_user using (not is_draft);
create policy written on documents for insert to app_user with check (is_draft);
grant select, insert on documents to app_user;
