-- The application speaks of practices, its table of organisational units.
create role app_user login;
create table org_units (id bigint primary key);
create table visits (id bigint primary key, org_unit_id bigint not null references org_units);
grant select on visits to app_user;
