-- object: table tenantry.step
-- about: The steps of each plan that are done, and those that were taken back.
-- undo: drop table tenantry.step
create table tenantry.step (
    plan bigint not null references tenantry.plan (number),
    number int not null,
    status text not null check (status in ('done', 'undone')),
    attempts int not null,
    changed_at timestamptz not null default now(),
    primary key (plan, number)
);
alter table tenantry.step owner to tenantry_owner;
comment on table tenantry.step is 'Steps that are done or were taken back; those not listed are still to come.'
