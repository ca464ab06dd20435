-- Nobody who serves a tenant may add shops or delete sales.
create role app_user login;
create table shops (id bigint primary key, name text);
create table sales (id bigint primary key, shop_id bigint not null references shops);
grant select, insert, update, delete on shops, sales to app_user;
