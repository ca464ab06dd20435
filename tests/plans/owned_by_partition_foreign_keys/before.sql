-- Only the partitions have the foreign key; the column is added to the table and filled along it.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table receipts (id bigint not null, sale_id bigint not null, day date not null) partition by range (day);
create table receipts_2025 partition of receipts for values from ('2025-01-01') to ('2026-01-01');
alter table receipts_2025 add foreign key (sale_id) references sales;
grant select on sales, receipts to app_user;
