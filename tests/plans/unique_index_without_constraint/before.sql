-- A unique index that is no constraint, over an expression: it stays, with the reason.
create role app_user login;
create table shops (id bigint primary key);
create table customers (
    shop_id bigint not null references shops, number int not null, email text not null, primary key (shop_id, number)
);
create unique index customers_email on customers (lower(email));
grant select on customers to app_user;
