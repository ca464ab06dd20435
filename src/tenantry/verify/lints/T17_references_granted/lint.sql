-- title: An application role may point foreign keys at tenants' tables
-- level: note
-- kind: weakness
-- why: A foreign key is checked past row security: whoever may point one at a table can ask whether any tenant's row
--   exists.
-- fix: Revoke REFERENCES from the application's roles; foreign keys are made by the role that owns the tables.
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
    cross join lateral (
        select entry.grantee, entry.privilege_type from aclexplode(class.relacl) as entry
        union
        select entry.grantee, entry.privilege_type
        from pg_attribute as attribute
        cross join lateral aclexplode(attribute.attacl) as entry
        where attribute.attrelid = class.oid and attribute.attacl is not null
    ) as acl
    where acl.privilege_type = 'REFERENCES' and acl.grantee <> class.relowner
    group by acl.grantee, class.relowner, class.relnamespace
),
held as (
    select
        case when granted.grantee = 0 then 'public' else pg_get_userbyid(granted.grantee)::text end as role,
        case
            when granted.grantee = 0 then 'Every role'
            when reached.is_direct then format('%I', pg_get_userbyid(granted.grantee))
            else format('%I, and through it %I,', pg_get_userbyid(granted.grantee), reached.example)
        end as who,
        granted.tables,
        format(
            'revoke references on %s from %s;',
            case
                when cardinality(granted.tables) > 10
                then format('all tables in schema %s', granted.relnamespace::regnamespace)
                else array_to_string(granted.tables, ', ')
            end,
            case when granted.grantee = 0 then 'public' else format('%I', pg_get_userbyid(granted.grantee)) end
        ) as fix
    from granted
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
        '%s may point foreign keys at tables of tenants'' rows; their check sees every tenant''s rows and tells which keys exist (%s tables): %s%s.',
        min(held.who),
        count(distinct names.name),
        array_to_string((array_agg(distinct names.name order by names.name))[1:10], ', '),
        case when count(distinct names.name) > 10 then ', and more' else '' end
    ) as detail,
    string_agg(distinct held.fix, ' ' order by held.fix) as fix
from held
cross join lateral unnest(held.tables) as names (name)
group by held.role
order by 1
