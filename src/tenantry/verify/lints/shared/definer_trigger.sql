-- about: Trigger functions that run as somebody whom policies of their table do not hold, with each such table, and
--   whether they read or change tenants' rows without a word about whose.
-- uses: owned, source_text
-- materialized: sources are searched once
select
    routine.oid, source_text.name, owner.rolname, owned.relid, owned.relation,
    coalesce(touched.relations, '{}') as touches,
    touched.relations is not null and not (
        source_text.text ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
        or exists (
            select from owned as any_owned
            where any_owned.tenant_column <> ''
                and position(lower(any_owned.tenant_column) in lower(source_text.text)) > 0
        )
        or exists (
            select from unnest(%(context_settings)s::text[]) as setting (name)
            where position(setting.name in source_text.text) > 0
        )
    ) as is_unbound
from owned
join pg_trigger as trigger on trigger.tgrelid = owned.relid and not trigger.tgisinternal and trigger.tgenabled <> 'D'
join pg_proc as routine on routine.oid = trigger.tgfoid and routine.prosecdef
join pg_roles as owner on owner.oid = routine.proowner
join source_text on source_text.oid = routine.oid
cross join lateral (
    -- why: what an insert writes comes from the row at hand; what is read or changed elsewhere is found by a key
    select array_agg(distinct other.relation order by other.relation) as relations
    from regexp_matches(
        replace(lower(source_text.text), '"', ''),
        '\m(?:from|join|update|only|using)\s+(?:(\w+)\.)?(\w+)', 'g'
    ) as word (part)
    join owned as other on lower(other.relname) = word.part[2]
        and (word.part[1] is null or word.part[1] = lower(other.nspname))
) as touched
where owner.rolsuper
    or owner.rolbypassrls
    or not owned.relforcerowsecurity and pg_has_role(owner.oid, owned.relowner, 'USAGE')
