-- A partition has a unique key the table does not know: the table's key is led, the partition's stays, with the reason.
create role app_user login;
create table tenants (id bigint primary key);
create table logs (id bigint, tenant_id bigint not null references tenants, day date, primary key (id, day))
    partition by range (day);
create table logs_2025 partition of logs for values from ('2025-01-01') to ('2026-01-01');
alter table logs_2025 add constraint logs_2025_once unique (id);
grant select on logs to app_user;
