-- object: table tenantry.object
-- about: Every object tenantry answers for, with two hashes: what was asked for, and what the server says it became.
-- undo: drop table tenantry.object
create table tenantry.object (
    id text primary key,
    asked text not null,
    asked_text jsonb not null,
    is_kept boolean not null,
    became text not null,
    became_text jsonb not null,
    before jsonb not null,
    removal jsonb not null,
    plan bigint not null references tenantry.plan (number)
);
alter table tenantry.object owner to tenantry_owner;
comment on table tenantry.object is 'Objects tenantry answers for: asked for, and what the server says they became (SHA-256).'
