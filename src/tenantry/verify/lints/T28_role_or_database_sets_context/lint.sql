-- title: Sessions start as somebody
-- level: warning
-- kind: weakness
-- why: The setting says whose rows a session sees; a default in the database makes every session that forgot to ask
--   somebody's.
-- fix: Reset the setting; let each transaction say who asks.
select
    coalesce(quote_ident(role.rolname), setting.name) as object,
    null::text as relation,
    role.rolname::text as role,
    format(
        'Every session of %s starts with %s already set, so it sees somebody''s rows before anybody signed in.',
        coalesce(quote_ident(role.rolname), 'every role') || coalesce(' in database ' || quote_ident(base.datname), ''),
        setting.name
    ) as detail,
    format(
        'alter %s reset %s;',
        case
            when role.oid is null and base.oid is null then 'role all'
            when role.oid is null then 'database ' || quote_ident(base.datname)
            else 'role ' || quote_ident(role.rolname) || coalesce(' in database ' || quote_ident(base.datname), '')
        end,
        (
            select string_agg(quote_ident(part.name), '.' order by part.position)
            from unnest(string_to_array(setting.name, '.')) with ordinality as part (name, position)
        )
    ) as fix
from pg_db_role_setting as stored
cross join lateral unnest(stored.setconfig) as entry (text)
cross join lateral (
    select split_part(entry.text, '=', 1) as name, substr(entry.text, strpos(entry.text, '=') + 1) as value
) as setting
left join pg_roles as role on role.oid = stored.setrole
left join pg_database as base on base.oid = stored.setdatabase
where lower(setting.name) in (select lower(context.name) from unnest(%(context_settings)s::text[]) as context (name))
    and setting.value <> ''
    and (stored.setdatabase = 0 or base.datname = current_database())
    and (stored.setrole = 0 or role.rolcanlogin and not role.rolsuper and not role.rolbypassrls)
order by 1, 4
