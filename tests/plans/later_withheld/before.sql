-- Event: one command is withheld from a table that is fenced already.
create role app_user login;
create table shops (id bigint primary key);
create table sales (shop_id bigint not null references shops, number int, primary key (shop_id, number));
grant select, insert, delete on sales to app_user;
