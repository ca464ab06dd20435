-- A role that is declared and missing is made, and may read and write rows, draw numbers and read views.
create table shops (id bigserial primary key);
create table sales (id bigserial primary key, shop_id bigint not null references shops);
create table units (code text primary key);
create view sale_ids as select id from sales;
