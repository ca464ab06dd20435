-- A refund of one shop refers to another's sale: the key stays, and the note says why.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table refunds (
    shop_id bigint not null references shops, number int, sale_id bigint not null, primary key (shop_id, number),
    constraint refunds_sale foreign key (sale_id) references sales
);
insert into shops values (1), (2);
insert into sales values (7, 1);
insert into refunds values (2, 1, 7);
grant select on sales, refunds to app_user;
