-- A materialised view keeps every tenant's rows and knows no row security: the application loses it.
create role app_user login;
create role app_report;
create table orgs (id uuid primary key);
create table sales (id uuid primary key, org_id uuid not null references orgs, total numeric);
create materialized view totals as select org_id, sum(total) as total from sales group by org_id;
grant select on totals to app_user, app_report, public;
