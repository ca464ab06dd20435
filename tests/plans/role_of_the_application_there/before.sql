-- A role that is declared and already there keeps what it has and gets what it lacks.
create role app_user login;
create table shops (id bigint primary key);
create table sales (id bigint generated always as identity primary key, shop_id bigint not null references shops);
grant select, truncate on sales to app_user;
