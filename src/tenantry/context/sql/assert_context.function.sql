-- object: function tenantry.assert_context(text,text[])
-- about: Refuses to go on where no tenant is known, unless the role is one of those that work for no tenant.
-- lock: none
-- undo: drop function tenantry.assert_context(text, text[])

create or replace function tenantry.assert_context(noun text, internal_roles text[]) returns void
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    if tenantry.current_tenant() is null and current_user <> all (internal_roles) then
        raise insufficient_privilege using message = format('no %s is known in this transaction', noun),
            hint = 'Open a context first: select tenantry.open(token).';
    end if;
end
$$;

alter function tenantry.assert_context(text, text[]) owner to tenantry_owner;

grant execute on function tenantry.assert_context(text, text[]) to public;

comment on function tenantry.assert_context(text, text[]) is 'Raises 42501 where no tenant is known.';
