-- Two levels: every level gets the fence, and the key stays as it is.
create role app_user login;
create table tenants (id bigint primary key);
create table logs (
    id bigint, tenant_id bigint not null references tenants, day date, kind text, primary key (id, day, kind)
) partition by range (day);
create table logs_2025 partition of logs for values from ('2025-01-01') to ('2026-01-01') partition by list (kind);
create table logs_2025_web partition of logs_2025 for values in ('web');
grant select on logs to app_user;
