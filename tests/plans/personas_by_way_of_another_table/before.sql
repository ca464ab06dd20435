-- A persona that may work on a table, but cannot read the one by way of which it is fenced, is told.
create table shops (id bigint primary key);
create table orders (id bigint primary key, shop_id bigint not null references shops);
create table lines (id bigint primary key, order_id bigint not null references orders);
