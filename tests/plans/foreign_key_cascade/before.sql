-- ON DELETE CASCADE and ON UPDATE CASCADE are carried over.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table refunds (
    shop_id bigint not null references shops, number int, sale_id bigint not null, primary key (shop_id, number),
    constraint refunds_sale foreign key (sale_id) references sales on delete cascade on update cascade
);
insert into shops values (1);
insert into sales values (7, 1);
insert into refunds values (1, 1, 7);
grant select, delete on sales, refunds to app_user;
