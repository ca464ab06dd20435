-- The tenants' key is a uuid; one table keeps it as text, one holds several of them.
create role app_user login;
create table shops (id uuid primary key);
create table sales (id bigint primary key, shop_id text not null, total int);
create table lines (id bigint primary key, sale_id bigint not null references sales);
create table offers (id bigint primary key, shop_ids uuid[] not null);
grant select, insert, update, delete on shops, sales, lines, offers to app_user;
