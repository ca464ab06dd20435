-- A view on a view on a tenant's table is a door as well; a view on nothing of a tenant's is none.
create role app_user login;
create table orgs (id uuid primary key);
create table sales (id uuid primary key, org_id uuid not null references orgs, total numeric);
create view all_sales as select * from sales;
create view big_sales as select * from all_sales where total > 1000;
create view build as select '4.2' as version;
grant select on all_sales, big_sales, build to app_user;
