-- The profile "signed": floors ask the same function; only tenantry's own objects differ.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
grant select on sales to app_user;
