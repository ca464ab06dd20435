-- A key of two columns, and a foreign key that names them in another order.
create role app_user login;
create table shops (id bigint primary key);
create table sales (shop_id bigint not null references shops, year int, number int, primary key (year, number));
create table refunds (
    id bigint, shop_id bigint not null references shops, number int, year int, primary key (shop_id, id),
    constraint refunds_sale foreign key (number, year) references sales (number, year)
);
grant select on sales, refunds to app_user;
