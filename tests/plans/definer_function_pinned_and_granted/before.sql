-- Pinned and granted to one role only: nothing but its owner changes.
create role app_user login;
create table orgs (id uuid primary key);
create table sales (id uuid primary key, org_id uuid not null references orgs);
create function count_sales(org uuid) returns bigint language sql security definer set search_path = pg_catalog, pg_temp
    as $$ select count(*) from public.sales where org_id = org $$;
revoke all on function count_sales(uuid) from public;
grant execute on function count_sales(uuid) to app_user;
