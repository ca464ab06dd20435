-- Users are seen by those who share a tenant with them; where their memberships cross, they do not cross along.
create table shops (id bigint primary key);
create table users (id uuid primary key, email text not null);
create table members (
    shop_id bigint not null references shops, user_id uuid not null references users, primary key (shop_id, user_id));
