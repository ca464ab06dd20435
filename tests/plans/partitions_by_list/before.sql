-- Partitions get the fence as well, and lose every privilege: rows are reached by the table.
create role app_user login;
create table tenants (id bigint primary key);
create table events (id bigint not null, tenant_id bigint not null references tenants, region text not null)
    partition by list (region);
create table events_eu partition of events for values in ('eu');
create table events_us partition of events for values in ('us');
grant select, insert on events, events_eu to app_user;
