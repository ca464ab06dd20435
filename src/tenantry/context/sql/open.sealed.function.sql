-- object: function tenantry.open(text)
-- about: Opens the context a token proves, once, for the rest of the transaction. Security definer, because only its
--   owner may write the carrier. Who may execute it may open a context.
-- lock: none
-- undo: drop function tenantry.open(text)

create or replace function tenantry.open(token text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- why one statement: each one more costs microseconds in every transaction
    perform set_config('backtrace_functions', proved.carrier, true)
    from tenantry.proved(token) as proved
    where current_setting('backtrace_functions') = '';
    if found then
        return;
    end if;
    if current_setting('backtrace_functions') <> '' then
        raise insufficient_privilege using message = 'a context is already open in this transaction',
            hint = 'One transaction serves one tenant. If none is open, the server sets backtrace_functions: reset it.';
    end if;
    perform tenantry.refuse(token);
end
$$;

alter function tenantry.open(text) owner to tenantry_context;

revoke all on function tenantry.open(text) from public;

comment on function tenantry.open(text) is 'Opens the tenant context a token proves, until the transaction ends.';
