-- A partitioned table refers to the key: it stays, with the reason.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
create table clicks (
    shop_id bigint not null references shops, sale_id bigint references sales, day date not null
) partition by range (day);
create table clicks_2025 partition of clicks for values from ('2025-01-01') to ('2026-01-01');
grant select on sales, clicks to app_user;
