-- object: function tenantry.__require_noun_context__()
-- about: Refuses to go on where no tenant is known, or to somebody who is no member of it, in the application's words.
-- lock: none
-- undo: drop function tenantry.__require_noun_context__()

create or replace function tenantry.__require_noun_context__() returns void
language sql stable parallel safe
begin atomic
    select tenantry.assert_context(__noun__, __internal_roles__);
    select tenantry.assert_member(__noun__, tenantry.__current_noun_id__() is not null);
end;

alter function tenantry.__require_noun_context__() owner to tenantry_owner;

grant execute on function tenantry.__require_noun_context__() to public;

comment on function tenantry.__require_noun_context__() is 'Raises 42501 where no tenant is known, or to no member.';
