-- ON DELETE SET NULL must clear the reference alone, never the tenant.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table refunds (
    shop_id bigint not null references shops, number int, sale_id bigint, primary key (shop_id, number),
    constraint refunds_sale foreign key (sale_id) references sales on delete set null
);
grant select, delete on sales, refunds to app_user;
