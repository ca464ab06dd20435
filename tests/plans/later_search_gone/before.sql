-- A search that is no longer asked for goes; the role that owned it stays, with what it may read.
create role app_user login;
create table shops (id bigint primary key);
create table notes (id bigint primary key, shop_id bigint not null references shops, body text, doc jsonb);
grant select on notes to app_user;
