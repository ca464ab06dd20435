-- A key of a partitioned table is led by the tenant: one index for each partition, swapped together.
create role app_user login;
create table tenants (id bigint primary key);
create table readings (
    tenant_id bigint not null references tenants, id bigint, day date, primary key (id, day)
) partition by range (day);
create table readings_2024 partition of readings for values from ('2024-01-01') to ('2025-01-01');
create table readings_2025 partition of readings for values from ('2025-01-01') to ('2026-01-01');
insert into tenants values (1), (2);
insert into readings values (1, 1, '2024-05-01'), (2, 2, '2025-05-01');
grant select, insert on readings to app_user;
