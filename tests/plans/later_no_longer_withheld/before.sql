-- Event: what was withheld is allowed again; the privilege the role held before comes back.
create role app_user login;
create table shops (id bigint primary key);
create table sales (shop_id bigint not null references shops, number int, primary key (shop_id, number));
grant select, delete on sales to app_user;
