-- Roles of background work write like the application's; a reader that is there already loses what writes.
create role golden_reader login;
create table shops (id bigserial primary key);
create table sales (id bigserial primary key, shop_id bigint not null references shops);
create table units (code text primary key);
create view sale_ids as select id from sales;
grant select, insert on sales to golden_reader;
