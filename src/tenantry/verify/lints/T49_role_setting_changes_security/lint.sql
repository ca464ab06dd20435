-- title: A stored setting changes what protects a session
-- level: warning
-- kind: weakness
-- why: A default of the role or the database holds in every session, seen by nobody who reads the application's code.
-- fix: Reset the setting, or have it set where it is needed.
with stored as (
    select
        role.rolname::text as role,
        base.datname::text as base,
        lower(split_part(entry.text, '=', 1)) as name,
        substr(entry.text, strpos(entry.text, '=') + 1) as value
    from pg_db_role_setting as setting
    cross join lateral unnest(setting.setconfig) as entry (text)
    left join pg_roles as role on role.oid = setting.setrole
    left join pg_database as base on base.oid = setting.setdatabase
    where (setting.setdatabase = 0 or base.datname = current_database())
        and (setting.setrole = 0 or setting.setrole = any(%(app_roles)s::oid[]))
),
path as (
    select
        stored.*,
        array_position(parts.names, 'pg_catalog') as catalog_at,
        array_position(parts.names, 'pg_temp') as temporary_at,
        cardinality(parts.names) as length
    from stored
    cross join lateral (
        select array_agg(btrim(part.name, ' "') order by part.position) as names
        from unnest(string_to_array(stored.value, ',')) with ordinality as part (name, position)
    ) as parts
    where stored.name = 'search_path'
),
found as (
    select
        stored.role, stored.base, stored.name,
        'reading a protected table fails instead of giving the own rows' as effect
    from stored
    where stored.name = 'row_security' and lower(stored.value) in ('off', 'false', 'no', '0')
    union all
    select stored.role, stored.base, stored.name, 'triggers and foreign keys do not run'
    from stored
    where stored.name = 'session_replication_role' and lower(stored.value) = 'replica'
    union all
    select stored.role, stored.base, stored.name, format('sessions act as %I from the start', stored.value)
    from stored
    where stored.name = 'role' and lower(stored.value) <> 'none' and stored.value is distinct from stored.role
    union all
    select path.role, path.base, path.name, 'names of the system can be hidden by objects of the same name'
    from path
    where path.catalog_at > 1
    union all
    select path.role, path.base, path.name, 'temporary objects hide all others'
    from path
    where path.temporary_at = 1 and path.length > 1
)
select
    coalesce(quote_ident(found.role), found.name) as object,
    null::text as relation,
    found.role as role,
    format(
        'Every session of %s starts with %s changed: %s.',
        coalesce(quote_ident(found.role), 'every role') || coalesce(' in database ' || quote_ident(found.base), ''),
        found.name, found.effect
    ) as detail,
    format(
        'alter %s reset %I;',
        case
            when found.role is null and found.base is null then 'role all'
            when found.role is null then 'database ' || quote_ident(found.base)
            else 'role ' || quote_ident(found.role) || coalesce(' in database ' || quote_ident(found.base), '')
        end,
        found.name
    ) as fix
from found
order by 1, 4
