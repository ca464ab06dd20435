-- Two foreign keys lead to tenants: the declared owner decides which row's tenant is taken.
create role app_user login;
create table shops (id bigint primary key);
create table sellers (id bigint primary key, shop_id bigint not null references shops);
create table buyers (id bigint primary key, shop_id bigint not null references shops);
create table offers (
    id bigint primary key, buyer_id bigint not null references buyers, seller_id bigint not null references sellers
);
grant select on sellers, buyers, offers to app_user;
