-- Event: keys were kept at first and are led later.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
grant select on sales to app_user;
