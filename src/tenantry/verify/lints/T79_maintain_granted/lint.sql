-- title: An application role may lock and rewrite tenants' tables
-- level: note
-- kind: weakness
-- why: MAINTAIN allows VACUUM FULL, CLUSTER and LOCK TABLE, which stop every tenant's work on the table.
-- fix: Revoke MAINTAIN from the application's roles; also from their default privileges.
with acting as (
    select role.oid, role.rolname::text as name
    from pg_roles as role
    where role.oid = any(%(app_roles)s::oid[]) and not role.rolsuper
),
granted as (
    select
        acl.grantee,
        class.relowner,
        class.relnamespace,
        array_agg(distinct format('%I.%I', space.nspname, class.relname)) as tables
    from jsonb_to_recordset(%(owned)s::jsonb) as owned (relid oid)
    join pg_class as class on class.oid = owned.relid and class.relkind in ('r', 'p')
    join pg_namespace as space on space.oid = class.relnamespace
    cross join lateral aclexplode(class.relacl) as acl
    where acl.privilege_type = 'MAINTAIN' and acl.grantee <> class.relowner
    group by acl.grantee, class.relowner, class.relnamespace
),
held as (
    select
        acting.name as role,
        names.name,
        format(
            'revoke maintain on %s from %s;',
            case
                when cardinality(granted.tables) > 10
                then format('all tables in schema %I', granted.relnamespace::regnamespace::name)
                else array_to_string(granted.tables, ', ')
            end,
            case when granted.grantee = 0 then 'public' else format('%I', pg_get_userbyid(granted.grantee)) end
        ) as fix
    from granted
    join acting
        on (granted.grantee = 0 or pg_has_role(acting.oid, granted.grantee, 'USAGE'))
        and not pg_has_role(acting.oid, granted.relowner, 'USAGE')
        and has_schema_privilege(acting.oid, granted.relnamespace, 'USAGE')
    cross join lateral unnest(granted.tables) as names (name)
)
select
    format('%I', held.role) as object,
    null::text as relation,
    held.role as role,
    format(
        '%I may VACUUM FULL, CLUSTER and LOCK tables of tenants'' rows, and so stop every tenant''s work (%s tables): %s%s.',
        held.role,
        count(distinct held.name),
        array_to_string((array_agg(distinct held.name order by held.name))[1:10], ', '),
        case when count(distinct held.name) > 10 then ', and more' else '' end
    ) as detail,
    string_agg(distinct held.fix, ' ' order by held.fix) as fix
from held
group by held.role
order by 1
