-- Forced, led by the tenant, owned by a plain role: little is left to do.
create role app_chief;
create role app_user login;
create schema app authorization app_chief;
set role app_chief;
create table app.shops (id bigint primary key);
create table app.sales (shop_id bigint not null references app.shops, number int, primary key (shop_id, number));
alter table app.shops enable row level security, force row level security;
alter table app.sales enable row level security, force row level security;
create policy only_open on app.sales using (number > 0);
create policy names on app.shops for select using (true);
grant usage on schema app to app_user;
grant select, insert on app.sales to app_user;
grant select on app.shops to app_user;
reset role;
