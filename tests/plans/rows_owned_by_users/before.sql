-- Rows that belong to a user alone are let through to the actor.
create role app_user login;
create table shops (id bigint primary key);
create table users (id uuid primary key, email text not null);
create table bookmarks (id bigint primary key, user_id uuid not null references users, url text);
grant select, insert, update, delete on bookmarks to app_user;
grant select, update on users to app_user;
