-- Tables, a view and a sequence of their own belong to the superuser who ran the migrations.
create role app_user login;
create schema shop;
create table shop.tenants (id bigint primary key);
create table shop.orders (id bigserial primary key, tenant_id bigint not null references shop.tenants);
create view shop.order_ids as select id from shop.orders;
grant usage on schema shop to app_user;
grant select on shop.orders, shop.order_ids to app_user;
