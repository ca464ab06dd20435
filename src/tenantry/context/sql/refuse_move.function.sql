-- object: function tenantry.refuse_move()
-- about: Refuses to give a row to another tenant while working across tenants: no policy sees a row before and after.
-- lock: none
-- undo: drop function tenantry.refuse_move()

create or replace function tenantry.refuse_move() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise insufficient_privilege using message = 'a row stays with its tenant also when work crosses tenants',
        hint = 'Delete it and insert another, as a session of each tenant.';
end
$$;

alter function tenantry.refuse_move() owner to tenantry_owner;

revoke all on function tenantry.refuse_move() from public;

comment on function tenantry.refuse_move() is 'Trigger: a row stays with its tenant while work crosses tenants.';
