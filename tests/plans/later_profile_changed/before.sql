-- Event: from settings anybody can make to the sealed context; nothing of the application's own objects changes.
create role app_user login;
create table shops (id bigint primary key);
create table sales (shop_id bigint not null references shops, number int, primary key (shop_id, number));
grant select on sales to app_user;
