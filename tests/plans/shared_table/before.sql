-- A table all share: no fence, nobody who serves tenants writes it.
create role app_user login;
create table shops (id bigint primary key);
create table currencies (code text primary key, name text);
grant select, insert, update, delete on currencies to app_user;
grant select on shops to app_user;
