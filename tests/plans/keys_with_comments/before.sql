-- A key and a foreign key to it have comments: those that take their place say them too.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table refunds (
    shop_id bigint not null references shops, number int, sale_id bigint, primary key (shop_id, number),
    constraint refunds_sale foreign key (sale_id) references sales
);
comment on constraint sales_pkey on sales is 'Numbers of the till';
comment on constraint refunds_sale on refunds is 'What was sold';
grant select on sales, refunds to app_user;
