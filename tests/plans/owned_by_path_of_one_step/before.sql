-- Order lines belong to a tenant through their order: they get the column, filled along the foreign key.
create role app_user login;
create table tenants (id uuid primary key);
create table orders (id uuid primary key, tenant_id uuid not null references tenants);
create table order_lines (id bigint primary key, order_id uuid not null references orders on delete cascade, sku text);
insert into tenants values ('00000000-0000-0000-0000-000000000001');
insert into orders values ('00000000-0000-0000-0000-0000000000a1', '00000000-0000-0000-0000-000000000001');
insert into order_lines values (1, '00000000-0000-0000-0000-0000000000a1', 'tea');
grant select, insert, update, delete on orders, order_lines to app_user;
