-- object: function tenantry.check_seal()
-- about: Tries to forge the context, in ways that must all be refused; each attempt is undone. Run it as the
--   application.
-- lock: none
-- undo: drop function tenantry.check_seal()

create or replace function tenantry.check_seal() returns table (condition text, holds boolean, detail text)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    attempt text;
begin
    condition := 'role_is_ordinary';
    holds := not exists (
        select from pg_roles as role
        where role.rolname = current_user
            and (
                role.rolsuper or pg_has_role(current_user, 'tenantry_context', 'member')
                -- why: before PostgreSQL 16 such a role may make itself a member of any other
                or (role.rolcreaterole and current_setting('server_version_num')::integer < 160000)
            )
    ) and (current_user = 'tenantry_owner' or not pg_has_role(current_user, 'tenantry_owner', 'member'));
    detail := current_user;
    return next;
    condition := 'carrier_is_clean';
    holds := current_setting('backtrace_functions')
        ~ '^((u[0-9a-f]{32}u|nm?[0-9]+n|x[0-9a-f]*x)?,[0-9a-f]*,[0-9a-f]*,[0-9a-f]*,[0-9a-f]{32})?$';
    detail := '';
    return next;
    -- why not tried: on a read-only connection every attempt is refused
    condition := 'key_ring_is_not_written';
    holds := not has_any_column_privilege('tenantry.key_ring', 'insert, update')
        and not has_table_privilege('tenantry.key_ring', 'delete, truncate, trigger');
    detail := '';
    return next;
    for condition, attempt in
        select probe.condition, probe.attempt from (values
            ('carrier_refuses_set_local', 'set local backtrace_functions = ''t00'''),
            ('carrier_refuses_set', 'set backtrace_functions = ''t00'''),
            ('carrier_refuses_set_config', 'select set_config(''backtrace_functions'', ''t00'', true)'),
            ('key_ring_is_closed', 'select from tenantry.key_ring'),
            (
                'keys_are_not_added',
                case when current_user <> 'tenantry_owner' then 'select tenantry.add_key(''seal'', null)' end
            ),
            ('opener_demands_proof', 'select tenantry.open(''v1.none'')'),
            ('mint_is_closed', case when current_user <> 'tenantry_owner' then 'select tenantry.mint(''seal'')' end)
        ) as probe (condition, attempt)
        where probe.attempt is not null
    loop
        detail := 'was let through';
        begin
            execute attempt;
            -- why: undoes what the attempt did
            raise exception using errcode = 'TN203';
        exception
            when insufficient_privilege then
                detail := '42501';
            when others then
                if sqlstate <> 'TN203' then
                    detail := sqlstate;
                end if;
        end;
        holds := detail = '42501';
        return next;
    end loop;
end
$$;

alter function tenantry.check_seal() owner to tenantry_owner;

revoke all on function tenantry.check_seal() from public;

comment on function tenantry.check_seal() is 'Tries, as whoever asks, to forge a context; every condition must hold.';
