-- ON UPDATE SET NULL cannot name columns: with the tenant in the key it would clear the tenant.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table refunds (
    shop_id bigint not null references shops, number int, sale_id bigint, primary key (shop_id, number),
    constraint refunds_sale foreign key (sale_id) references sales on update set null
);
grant select, update on sales, refunds to app_user;
