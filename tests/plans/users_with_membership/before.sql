-- Users of several tenants: one sees oneself and those who share the tenant.
create role app_user login;
create table shops (id bigint primary key);
create table users (id uuid primary key, email text not null unique);
create table members (
    shop_id bigint not null references shops, user_id uuid not null references users, role text not null,
    primary key (shop_id, user_id)
);
grant select on users, members to app_user;
