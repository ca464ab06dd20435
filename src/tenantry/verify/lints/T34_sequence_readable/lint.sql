-- title: An application role may read counters of tenants' tables
-- level: note
-- kind: weakness
-- why: A sequence counts for all tenants together: its last value and its gaps tell how much the others do.
-- fix: Use random keys (uuid), or identity columns, which need no grant on the sequence.
with acting as (
    select role.oid, role.rolname::text as name
    from pg_roles as role
    where role.oid = any(%(app_roles)s::oid[]) and not role.rolsuper
),
granted as (
    select
        class.oid,
        format('%I.%I', space.nspname, class.relname) as name,
        class.relowner,
        class.relnamespace,
        link.deptype = 'i' as is_identity,
        acl.grantee
    from jsonb_to_recordset(%(owned)s::jsonb) as owned (relid oid)
    join pg_depend as link
        on link.refclassid = 'pg_class'::regclass
        and link.refobjid = owned.relid
        and link.refobjsubid > 0
        and link.classid = 'pg_class'::regclass
        and link.deptype in ('a', 'i')
    join pg_class as class on class.oid = link.objid and class.relkind = 'S'
    join pg_namespace as space on space.oid = class.relnamespace
    cross join lateral aclexplode(class.relacl) as acl
    where acl.grantee <> class.relowner and acl.privilege_type in ('SELECT', 'USAGE', 'UPDATE')
),
held as (
    select
        acting.name as role,
        granted.name,
        case when granted.is_identity then format(
            'revoke all on sequence %s from %s;',
            granted.name,
            case when granted.grantee = 0 then 'public' else format('%I', pg_get_userbyid(granted.grantee)) end
        ) end as fix
    from granted
    join acting
        on (granted.grantee = 0 or pg_has_role(acting.oid, granted.grantee, 'USAGE'))
        and not pg_has_role(acting.oid, granted.relowner, 'USAGE')
        and has_schema_privilege(acting.oid, granted.relnamespace, 'USAGE')
)
select
    format('%I', held.role) as object,
    null::text as relation,
    held.role as role,
    format(
        '%I may read %s sequences that number tenants'' rows, and so see how many rows all tenants make: %s%s.',
        held.role,
        count(distinct held.name),
        array_to_string((array_agg(distinct held.name order by held.name))[1:10], ', '),
        case when count(distinct held.name) > 10 then ', and more' else '' end
    ) as detail,
    -- why: a serial column needs the grant for its inserts, an identity column does not
    case when count(distinct held.fix) <= 10 then string_agg(distinct held.fix, ' ' order by held.fix) end as fix
from held
group by held.role
order by 1
