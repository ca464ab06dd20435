-- title: Large objects are shared between tenants
-- level: warning
-- kind: weakness
-- why: Large objects have owners and grants but no row security: a role that may read one may read all of them by
--   number.
-- fix: Keep files in a bytea column of a protected table, or outside the database.
-- uses: acting
with stored as (
    select object.lomowner as owner, count(*) as objects
    from pg_largeobject_metadata as object
    group by object.lomowner
),
granted as (
    select acl.grantee, count(distinct object.oid) as objects
    from pg_largeobject_metadata as object
    cross join lateral aclexplode(object.lomacl) as acl
    where object.lomacl is not null and acl.grantee <> object.lomowner
    group by acl.grantee
),
found as (
    select
        quote_ident(acting.name) as object,
        null::text as relation,
        acting.name as role,
        format(
            '%s large objects belong to %I; every session of %I reads them all by number, whoever''s they are.',
            sum(stored.objects), acting.name, acting.name
        ) as detail
    from stored
    join acting on pg_has_role(acting.oid, stored.owner, 'USAGE')
    group by acting.name
    union all
    select
        coalesce(quote_ident(acting.name), 'public'),
        null,
        coalesce(acting.name, 'public'),
        format(
            '%s large objects are granted to %s, which reads them by number, whoever''s they are.',
            sum(granted.objects), coalesce(quote_ident(acting.name), 'every role')
        )
    from granted
    left join acting on granted.grantee <> 0 and pg_has_role(acting.oid, granted.grantee, 'USAGE')
    where granted.grantee = 0 or acting.oid is not null
    group by acting.name
    union all
    select
        'lo_compat_privileges',
        null,
        null,
        format('lo_compat_privileges is on: every role reads and writes all %s large objects.', sum(stored.objects))
    from stored
    where current_setting('lo_compat_privileges') = 'on'
    having sum(stored.objects) > 0
    union all
    select
        format('%I.%I', space.nspname, class.relname),
        format('%I.%I', space.nspname, class.relname),
        null,
        format(
            '%I.%I keeps large objects in %s; the row is protected, the object behind the number is not.',
            space.nspname, class.relname, string_agg(quote_ident(attribute.attname), ', ' order by attribute.attnum)
        )
    from jsonb_to_recordset(%(owned)s::jsonb) as owned (relid oid)
    join pg_class as class on class.oid = owned.relid and not class.relispartition
    join pg_namespace as space on space.oid = class.relnamespace
    join pg_attribute as attribute
        on attribute.attrelid = class.oid and attribute.attnum > 0 and not attribute.attisdropped
    join pg_type as type on type.oid = attribute.atttypid
    where type.oid = 'oid'::regtype or type.typname = 'lo' and type.typbasetype = 'oid'::regtype
    group by space.nspname, class.relname
)
select found.object, found.relation, found.role, found.detail, null::text as fix
from found
order by 1, 4
