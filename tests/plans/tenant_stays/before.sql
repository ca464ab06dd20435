-- No row changes its tenant: partitions have their parent's triggers, children by inheritance one of their own, and a
-- tenant's new key cascades no longer. Rows of one table may move, for a reason.
create role app_user login;
create table tenants (id bigint primary key);
create table notes (id bigint primary key, tenant_id bigint references tenants on update cascade);
create table notes_old () inherits (notes);
create table readings (tenant_id bigint not null, id bigint, day date) partition by list (tenant_id);
create table readings_1 partition of readings for values in (1);
create table readings_rest partition of readings default;
create table parcels (id bigint primary key, tenant_id bigint not null references tenants);
create table sums (id bigint primary key, base bigint not null, tenant_id bigint generated always as (base + 0) stored);
grant select, insert, update on tenants, notes, notes_old, readings, parcels, sums to app_user;
