-- A SECURITY DEFINER function finds names where its caller says, and everyone may call it.
create role app_user login;
create table orgs (id uuid primary key);
create table sales (id uuid primary key, org_id uuid not null references orgs);
create function count_sales(org uuid) returns bigint language sql security definer
    as $$ select count(*) from sales where org_id = org $$;
grant select on sales to app_user;
