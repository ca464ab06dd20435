-- title: An application role may read counters of tenants' tables
-- level: note
-- kind: weakness
-- why: A sequence counts for all tenants together: its last value and its gaps tell how much the others do.
-- fix: Use random keys (uuid), or identity columns, which need no grant on the sequence.
-- uses: acting
with numbering as (
    -- why: a serial or identity column owns its sequence, a plain default only calls one
    select link.objid as sequence, link.deptype = 'i' as is_identity
    from jsonb_to_recordset(%(owned)s::jsonb) as owned (relid oid)
    join pg_depend as link
        on link.refclassid = 'pg_class'::regclass
        and link.refobjid = owned.relid
        and link.refobjsubid > 0
        and link.classid = 'pg_class'::regclass
        and link.deptype in ('a', 'i')
    union
    select link.refobjid, false
    from jsonb_to_recordset(%(owned)s::jsonb) as owned (relid oid)
    join pg_attrdef as filled on filled.adrelid = owned.relid
    join pg_depend as link
        on link.classid = 'pg_attrdef'::regclass
        and link.objid = filled.oid
        and link.refclassid = 'pg_class'::regclass
        and link.deptype = 'n'
),
granted as (
    select
        class.oid,
        format('%I.%I', space.nspname, class.relname) as name,
        class.relowner,
        class.relnamespace,
        numbering.is_identity,
        acl.grantee
    from numbering
    join pg_class as class on class.oid = numbering.sequence and class.relkind = 'S'
    join pg_namespace as space on space.oid = class.relnamespace
    cross join lateral aclexplode(class.relacl) as acl
    where acl.grantee <> class.relowner and acl.privilege_type in ('SELECT', 'USAGE', 'UPDATE')
),
grouped as (
    select
        granted.grantee, granted.relowner, granted.relnamespace,
        array_agg(distinct granted.name) as sequences,
        array_agg(distinct granted.name) filter (where granted.is_identity) as identities
    from granted
    group by granted.grantee, granted.relowner, granted.relnamespace
),
held as (
    select
        case when granted.grantee = 0 then 'public' else pg_get_userbyid(granted.grantee)::text end as role,
        case
            when granted.grantee = 0 then 'Every role'
            when reached.is_direct then format('%I', pg_get_userbyid(granted.grantee))
            else format('%I, and through it %I,', pg_get_userbyid(granted.grantee), reached.example)
        end as who,
        granted.sequences,
        -- why: a serial column needs the grant for its inserts, an identity column does not
        case when cardinality(granted.identities) <= 10 then format(
            'revoke all on sequence %s from %s;',
            array_to_string(granted.identities, ', '),
            case when granted.grantee = 0 then 'public' else format('%I', pg_get_userbyid(granted.grantee)) end
        ) end as fix
    from grouped as granted
    cross join lateral (
        select min(acting.name) as example, bool_or(acting.oid = granted.grantee) as is_direct
        from acting
        where (granted.grantee = 0 or pg_has_role(acting.oid, granted.grantee, 'USAGE'))
            and not pg_has_role(acting.oid, granted.relowner, 'USAGE')
            and has_schema_privilege(acting.oid, granted.relnamespace, 'USAGE')
    ) as reached
    where reached.example is not null
)
select
    format('%I', held.role) as object,
    null::text as relation,
    held.role as role,
    format(
        '%s may read %s sequences that number tenants'' rows, and so see how many rows all tenants make: %s%s.',
        min(held.who),
        count(distinct names.name),
        array_to_string((array_agg(distinct names.name order by names.name))[1:10], ', '),
        case when count(distinct names.name) > 10 then ', and more' else '' end
    ) as detail,
    string_agg(distinct held.fix, ' ' order by held.fix) as fix
from held
cross join lateral unnest(held.sequences) as names (name)
group by held.role
order by 1
