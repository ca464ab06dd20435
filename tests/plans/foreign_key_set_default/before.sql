-- ON DELETE SET DEFAULT likewise.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table refunds (
    shop_id bigint not null references shops, number int, sale_id bigint default 0, primary key (shop_id, number),
    constraint refunds_sale foreign key (sale_id) references sales on delete set default
);
grant select, delete on sales, refunds to app_user;
