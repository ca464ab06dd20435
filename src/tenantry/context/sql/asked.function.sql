-- object: function tenantry.asked(text,text[])
-- about: Reads a setting, or a claim in one that holds JSON; the empty text where there is none. A setting that was
--   made once reads as the empty text for the rest of the session, so empty means missing.
-- lock: none
-- undo: drop function tenantry.asked(text, text[])

create or replace function tenantry.asked(setting text, claim text[]) returns text
language sql stable parallel safe
return coalesce(
    case
        when claim is null then pg_catalog.current_setting(setting, true)
        else pg_catalog.jsonb_extract_path_text(
            nullif(pg_catalog.current_setting(setting, true), '')::pg_catalog.jsonb, variadic claim
        )
    end,
    ''
);

alter function tenantry.asked(text, text[]) owner to tenantry_owner;

grant execute on function tenantry.asked(text, text[]) to public;

comment on function tenantry.asked(text, text[]) is 'A setting, or a claim in it, as the application set it. No proof.';
