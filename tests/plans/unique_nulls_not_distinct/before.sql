-- A unique key under which nulls are equal stays so when the tenant leads it.
create role app_user login;
create table shops (id bigint primary key);
create table coupons (
    shop_id bigint not null references shops, number int not null, code text, primary key (shop_id, number),
    unique nulls not distinct (code)
);
grant select, insert on coupons to app_user;
