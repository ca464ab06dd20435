-- Members are no longer asked for: the reader believes the token again, the check goes last.
create role app_user login;
create table shops (id bigint primary key);
create table users (id uuid primary key, email text not null unique);
create table members (
    shop_id bigint not null references shops, user_id uuid not null references users, role text not null,
    is_active boolean not null default true, status text not null default 'invited', left_at timestamptz,
    primary key (shop_id, user_id)
);
create table notes (id bigint primary key, shop_id bigint not null references shops, body text);
grant select, insert on members to app_user;
