-- object: schema tenantry
-- about: Holds all of tenantry; what the application may use of it is granted object by object.
-- lock: none
-- undo: drop schema tenantry

create schema tenantry authorization tenantry_owner;

revoke all on schema tenantry from public;

-- why create: a function is handed only to a role that may make objects in its schema, but by a superuser
grant usage, create on schema tenantry to tenantry_context;

comment on schema tenantry is 'tenantry: who asks, and what stands on it. Made and changed by tenantry, not by hand.';
