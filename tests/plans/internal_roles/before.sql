-- A job's role may work for no tenant; it is trusted and keeps its rights.
create role app_user login;
create role app_job login bypassrls;
create table shops (id bigint primary key);
create table sales (id bigint primary key, shop_id bigint not null references shops);
grant select on sales to app_user;
grant all on sales to app_job;
