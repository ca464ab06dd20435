-- Event: the word for a tenant changes; floors ask the function of the new name, and the old one goes.
create role app_user login;
create table shops (id bigint primary key);
create table sales (shop_id bigint not null references shops, number int, primary key (shop_id, number));
grant select on sales to app_user;
