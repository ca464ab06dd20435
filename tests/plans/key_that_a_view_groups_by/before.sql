-- The view groups by the primary key alone and shows another column: it stands on the key, which therefore stays.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops, note text);
create materialized view sales_seen as select id, note, count(*) as seen from sales group by id;
grant select, insert, update, delete on shops, sales to app_user;
