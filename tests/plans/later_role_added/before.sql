-- Event: a second role serves tenants; members, grants and the context take it in.
create role app_user login;
create role app_mobile login;
create table shops (id bigint primary key);
create table sales (shop_id bigint not null references shops, number int, primary key (shop_id, number));
grant select on sales to app_user;
grant all on sales to app_mobile;
