-- Event: one of two roles serves tenants no more and is trusted.
create role app_user login;
create role app_report login;
create table shops (id bigint primary key);
create table sales (shop_id bigint not null references shops, number int, primary key (shop_id, number));
grant select on sales to app_user, app_report;
