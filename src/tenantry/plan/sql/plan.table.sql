-- object: table tenantry.plan
-- about: Plans that were begun, the latest last; a plan that is not done is continued by the next apply.
-- undo: drop table tenantry.plan
create table tenantry.plan (
    number bigint generated always as identity primary key,
    digest text not null,
    document jsonb not null,
    status text not null check (status in ('running', 'applied', 'undoing', 'undone')),
    begun_by text not null default session_user,
    begun_at timestamptz not null default now(),
    ended_at timestamptz
);
alter table tenantry.plan owner to tenantry_owner;
comment on table tenantry.plan is 'Plans that were begun, the latest last.'
