-- A foreign key that was never validated: the plan's is, and undo leaves it unvalidated again.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table refunds (
    shop_id bigint not null references shops, number int, sale_id bigint, primary key (shop_id, number)
);
alter table refunds add constraint refunds_sale foreign key (sale_id) references sales not valid;
grant select on sales, refunds to app_user;
