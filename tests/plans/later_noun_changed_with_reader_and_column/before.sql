-- Event: the word for a tenant changes where a column's default and a function of the application ask the old function.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table lines (id bigint primary key, sale_id bigint not null references sales);
create function current_shop() returns bigint language sql stable
    as $$ select current_setting('app.shop_id', true)::bigint $$;
alter table sales enable row level security;
create policy own_shop on sales using (shop_id = current_shop());
grant select on sales, lines to app_user;
