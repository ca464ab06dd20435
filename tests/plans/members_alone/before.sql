-- Only members are served: the reader that policies ask looks the actor up, under a role that may read four columns.
create role app_user login;
create role app_jobs login;
create table shops (id bigint primary key);
create table users (id uuid primary key, email text not null unique);
create table members (
    shop_id bigint not null references shops, user_id uuid not null references users, role text not null,
    is_active boolean not null default true, status text not null default 'invited', left_at timestamptz,
    primary key (shop_id, user_id)
);
create table notes (id bigint primary key, shop_id bigint not null references shops, body text);
grant select, insert on members, notes to app_user, app_jobs;
