-- Event: a table that was fenced is declared shared; its fence goes and what stood there comes back.
create role app_user login;
create table shops (id bigint primary key);
create table holidays (shop_id bigint not null references shops, day date, primary key (shop_id, day));
grant select, insert on holidays to app_user;
