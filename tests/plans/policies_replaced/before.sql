-- The blueprint replaces what the team wrote: within the floor the grants decide, but on one table all stays.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops, state text);
create table visits (id bigint primary key, shop_id bigint not null references shops);
alter table sales enable row level security;
alter table visits enable row level security;
create policy open_sales on sales to app_user using (state = 'open');
create policy no_drafts on sales as restrictive to app_user using (state <> 'draft');
create policy by_setting on visits to app_user using (shop_id = current_setting('app.shop_id')::bigint);
grant select, insert, update, delete on shops, sales, visits to app_user;
