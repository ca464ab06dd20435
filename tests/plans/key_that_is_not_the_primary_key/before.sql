-- The tenant is named by a unique uuid beside the primary key.
create role app_user login;
create table customers (id bigint primary key, public_id uuid not null unique);
create table parcels (id bigint primary key, customer_uuid uuid not null references customers (public_id));
grant select, insert on parcels to app_user;
