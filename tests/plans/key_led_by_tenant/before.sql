-- A primary key that another tenant's key could meet is led by the tenant, without a foreign key to it.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
insert into shops values (1), (2);
insert into sales values (1, 1), (2, 2);
grant select, insert on sales to app_user;
