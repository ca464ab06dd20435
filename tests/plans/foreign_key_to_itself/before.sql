-- A tree within a tenant: the table refers to itself.
create role app_user login;
create table shops (id bigint primary key);
create table categories (
    id bigint primary key, shop_id bigint not null references shops,
    parent_id bigint, constraint categories_parent foreign key (parent_id) references categories on delete set null
);
insert into shops values (1);
insert into categories values (1, 1, null), (2, 1, 1);
grant select, insert on categories to app_user;
