-- The server writes the list as a cast of the whole, and would read that as casts of its parts: the way back minds it.
create role app_user login;
create table shops (id bigint primary key);
create table sales (
    id bigint primary key,
    shop_id bigint not null references shops,
    state character varying(9) not null
);
alter table sales enable row level security;
create policy open_sales on sales to app_user
using (shop_id = current_setting('app.shop_id')::bigint and state in ('open', 'it''s')) with check (state in ('open'));
grant select, insert, update, delete on shops, sales to app_user;
