-- A table without a tenant refers to the key, so the key stays as it is, with the reason.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table showcases (id bigint primary key, sale_id bigint not null references sales);
grant select on sales, showcases to app_user;
