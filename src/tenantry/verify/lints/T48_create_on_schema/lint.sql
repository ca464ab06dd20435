-- title: An application role may create objects where names are looked up
-- level: warning
-- kind: weakness
-- why: Whoever may create in a schema of the search path can put a function or a table in front of the one that
--   others mean.
-- fix: Revoke CREATE on the schema from PUBLIC and from the application's roles.
-- uses: acting
with
-- why: a session's own path may be overridden; what the server was built with still holds for others
path as (
    select null::oid as role, setting.value
    from pg_settings as search_path
    cross join lateral (values (search_path.reset_val), (search_path.boot_val)) as setting (value)
    where search_path.name = 'search_path'
    union
    select stored.setrole, substr(entry.text, strpos(entry.text, '=') + 1)
    from pg_db_role_setting as stored
    cross join lateral unnest(stored.setconfig) as entry (text)
    left join pg_database as base on base.oid = stored.setdatabase
    where lower(entry.text) like 'search_path=%'
        and (stored.setdatabase = 0 or base.datname = current_database())
),
looked_up as (
    select distinct space.oid, space.nspname::text as name, space.nspacl, space.nspowner, nullif(path.role, 0) as role
    from path
    cross join lateral unnest(string_to_array(path.value, ',')) as part (name)
    join pg_namespace as space on space.nspname = btrim(part.name, ' "')
    where space.nspname !~ '^(pg_|information_schema$)'
),
open as (
    select distinct looked_up.oid
    from looked_up
    cross join lateral aclexplode(coalesce(looked_up.nspacl, acldefault('n', looked_up.nspowner))) as acl
    where acl.grantee = 0 and acl.privilege_type = 'CREATE'
)
select
    format('%I', looked_up.name) as object,
    null::text as relation,
    'public' as role,
    format(
        'Every role may create objects in schema %I, where unqualified names are looked up.', looked_up.name
    ) as detail,
    format('revoke create on schema %I from public;', looked_up.name) as fix
from looked_up
where looked_up.oid in (select open.oid from open)
group by looked_up.name
union all
select
    format('%I', looked_up.name),
    null,
    acting.name,
    format('%I may create objects in schema %I, where unqualified names are looked up.', acting.name, looked_up.name),
    format('revoke create on schema %I from %I;', looked_up.name, acting.name)
from looked_up
join acting
    on (looked_up.role is null or looked_up.role = acting.oid)
    and has_schema_privilege(acting.oid, looked_up.oid, 'CREATE')
where looked_up.oid not in (select open.oid from open)
group by looked_up.name, acting.name
order by 1, 3
