-- about: The privileges others than the owner hold on tenants' tables or their columns, by schema.
select
    acl.privilege_type as privilege,
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
where acl.grantee <> class.relowner
group by acl.privilege_type, acl.grantee, class.relowner, class.relnamespace
