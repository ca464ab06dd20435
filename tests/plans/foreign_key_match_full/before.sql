-- MATCH FULL over two columns would demand both or none: the key stays, with the reason.
create role app_user login;
create table shops (id bigint primary key);
create table sales (shop_id bigint not null references shops, year int, number int, primary key (year, number));
create table refunds (
    shop_id bigint not null references shops, id int, year int, number int, primary key (shop_id, id),
    constraint refunds_sale foreign key (year, number) references sales match full
);
grant select on sales, refunds to app_user;
