-- The blueprint lets tenants write a shared table: only what goes past row security is taken.
create role app_user login;
create table shops (id bigint primary key);
create table addresses (id bigint primary key, street text);
grant all on addresses to app_user;
