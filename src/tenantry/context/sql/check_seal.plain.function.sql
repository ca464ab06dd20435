-- object: function tenantry.check_seal()
-- about: Says what the plain profile is: a context that any SQL can set. A standing finding, not a fault.
-- lock: none
-- undo: drop function tenantry.check_seal()

create or replace function tenantry.check_seal() returns table (condition text, holds boolean, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    condition := 'context_is_proved';
    holds := false;
    detail := 'plain';
    return next;
end
$$;

alter function tenantry.check_seal() owner to tenantry_owner;

revoke all on function tenantry.check_seal() from public;

comment on function tenantry.check_seal() is 'Tries, as whoever asks, to forge a context; every condition must hold.';
