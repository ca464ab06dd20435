-- No table lists the tenants; columns of two tables hold their keys, and a third gets the column.
create role app_user login;
create table orders (id bigint primary key, workspace_id uuid not null, total int);
create table carts (id bigint primary key, workspace_id uuid not null);
create table order_lines (id bigint primary key, order_id bigint not null references orders, amount int);
grant select, insert, update, delete on orders, carts, order_lines to app_user;
