-- object: function tenantry.__current_noun_id__()
-- about: Says which tenant this transaction serves, in its key's type, to a member of it; null to all others. Inlined;
--   policies ask it inside (select ...), so that membership is looked up once a statement.
-- lock: none
-- undo: drop function tenantry.__current_noun_id__()

create or replace function tenantry.__current_noun_id__() returns __key_type__
language sql stable parallel safe
return tenantry.admitted(current_user operator(pg_catalog.<>) all (__without_actor__));

alter function tenantry.__current_noun_id__() owner to tenantry_owner;

grant execute on function tenantry.__current_noun_id__() to public;

comment on function tenantry.__current_noun_id__() is 'The tenant this transaction serves; null to who is no member.';
