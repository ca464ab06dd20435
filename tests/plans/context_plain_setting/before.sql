-- The profile "plain": the tenant stays in the setting the application already makes.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
alter table sales enable row level security;
create policy own_shop on sales using (shop_id = current_setting('app.shop_id', true)::bigint);
grant select on sales to app_user;
