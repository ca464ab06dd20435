-- A unique e-mail tells of other tenants and is led; one that starts with the tenant stays.
create role app_user login;
create table shops (id bigint primary key);
create table customers (
    shop_id bigint not null references shops, number int not null, email text not null unique,
    primary key (shop_id, number), unique nulls not distinct (shop_id, email)
);
grant select, insert on customers to app_user;
