-- object: function tenantry.open(text)
-- about: Puts a token that verifies where the readers verify it again, for the rest of the transaction.
-- lock: none
-- undo: drop function tenantry.open(text)

create or replace function tenantry.open(token text) returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_setting('tenantry.token', true) <> '' then
        raise insufficient_privilege using message = 'a context is already open in this transaction',
            hint = 'One transaction serves one tenant. If none is open, the session has tenantry.token set: reset it.';
    end if;
    perform tenantry.accept(coalesce(token, ''));
    perform set_config('tenantry.token', token, true);
end
$$;

alter function tenantry.open(text) owner to tenantry_owner;

revoke all on function tenantry.open(text) from public;

comment on function tenantry.open(text) is 'Opens the tenant context a token proves, until the transaction ends.';
