-- object: function tenantry.accept(text)
-- about: Gives what a token proves, or raises 42501, for the signed profile, which asks in each statement. Security
--   definer, because only its owner may read the key ring. Stable, because one statement asks once; the clock is read
--   all the same, so that no transaction outlives its token here.
-- lock: none
-- undo: drop function tenantry.accept(text)

create or replace function tenantry.accept(token text) returns text
language plpgsql stable strict parallel safe security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    carrier text;
begin
    select proved.carrier into carrier from tenantry.proved(token) as proved;
    if carrier is null then
        perform tenantry.refuse(token);
    end if;
    return carrier;
end
$$;

alter function tenantry.accept(text) owner to tenantry_context;

revoke all on function tenantry.accept(text) from public;

comment on function tenantry.accept(text) is 'What a context token proves; 42501 says why it is refused.';
