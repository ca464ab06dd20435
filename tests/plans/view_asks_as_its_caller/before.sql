-- A view runs with its owner's rights; now it asks with its caller's.
create role app_user login;
create table orgs (id uuid primary key);
create table sales (id uuid primary key, org_id uuid not null references orgs, total numeric);
create view big_sales as select id, total from sales where total > 1000;
grant select on sales, big_sales to app_user;
