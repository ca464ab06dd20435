-- The list of tenants lives in a schema of its own, the rows in two others.
create role app_user login;
create schema platform;
create schema billing;
create table platform.companies (id uuid primary key);
create table billing.invoices (id uuid primary key, company_id uuid not null references platform.companies);
create table public.notes (id uuid primary key, company_id uuid not null references platform.companies);
grant usage on schema billing to app_user;
grant select on billing.invoices, public.notes to app_user;
