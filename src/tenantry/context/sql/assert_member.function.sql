-- object: function tenantry.assert_member(text,boolean)
-- about: Refuses to go on where a tenant is claimed by somebody who is no member of it.
-- lock: none
-- undo: drop function tenantry.assert_member(text, boolean)

create or replace function tenantry.assert_member(noun text, is_admitted boolean) returns void
language plpgsql stable parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    if tenantry.current_tenant() is not null and is_admitted is not true then
        raise insufficient_privilege using message = format('the actor of this transaction is no member of the %s', noun),
            hint = 'Add the membership first; a context without an actor is for roles that [membership] names.';
    end if;
end
$$;

alter function tenantry.assert_member(text, boolean) owner to tenantry_owner;

grant execute on function tenantry.assert_member(text, boolean) to public;

comment on function tenantry.assert_member(text, boolean) is 'Raises 42501 where the actor is no member.';
