-- Only the partitions have keys, the table has none: each is told once.
create role app_user login;
create table tenants (id bigint primary key);
create table logs (id bigint not null, tenant_id bigint not null references tenants, day date not null)
    partition by range (day);
create table logs_2024 partition of logs (primary key (id)) for values from ('2024-01-01') to ('2025-01-01');
create table logs_2025 partition of logs (primary key (id)) for values from ('2025-01-01') to ('2026-01-01');
grant select on logs to app_user;
