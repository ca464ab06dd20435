-- A profile continues the list of users, one row a user.
create role app_user login;
create table shops (id bigint primary key);
create table users (id uuid primary key, email text not null);
create table members (
    id bigint primary key, shop_id bigint not null references shops, user_id uuid not null references users,
    unique (shop_id, user_id)
);
create table profiles (id uuid primary key references users on delete cascade, nickname text);
grant select, update on users, members, profiles to app_user;
