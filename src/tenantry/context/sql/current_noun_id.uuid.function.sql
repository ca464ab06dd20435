-- object: function tenantry.__current_noun_id__()
-- about: Says which tenant this transaction serves, in the application's words and its key's type. Asked by each
--   statement, so a uuid is carried in a form that needs no decoding; a tenant of another form is none.
-- lock: none
-- undo: drop function tenantry.__current_noun_id__()

create or replace function tenantry.__current_noun_id__() returns __key_type__
language sql stable parallel safe
return nullif(pg_catalog.split_part(tenantry.carrier(), 'u', 2), '')::__key_type__;

alter function tenantry.__current_noun_id__() owner to tenantry_owner;

grant execute on function tenantry.__current_noun_id__() to public;

comment on function tenantry.__current_noun_id__() is 'The tenant this transaction serves; null where none.';
