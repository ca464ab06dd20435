-- security_barrier and check_option stay as they are when the view turns to its caller, and after undo.
create role app_user login;
create table orgs (id uuid primary key);
create table sales (id uuid primary key, org_id uuid not null references orgs, is_open boolean);
create view open_sales with (security_barrier = true, check_option = cascaded) as select * from sales where is_open;
create view closed_sales with (security_invoker = false) as select * from sales where not is_open;
grant select, insert on open_sales, closed_sales to app_user;
