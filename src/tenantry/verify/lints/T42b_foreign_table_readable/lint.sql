-- title: An application role reads a foreign table
-- level: note
-- kind: weakness
-- why: A foreign table cannot have row security, and its rows are fetched with the rights of the stored login, not
--   the reader's.
-- fix: Make sure that its rows belong to no tenant; else revoke the grant.
with acting as (
    select role.oid, role.rolname::text as name
    from pg_roles as role
    where role.oid = any(%(app_roles)s::oid[]) and not role.rolsuper
),
foreign_table as (
    select
        class.oid,
        format('%I.%I', space.nspname, class.relname) as name,
        class.relnamespace,
        server.srvname,
        (
            select string_agg(
                distinct format(
                    'revoke all on %I.%I from %s;',
                    space.nspname, class.relname,
                    case when acl.grantee = 0 then 'public' else format('%I', pg_get_userbyid(acl.grantee)) end
                ), ' '
            )
            from aclexplode(class.relacl) as acl
            where acl.grantee <> class.relowner
        ) as fix,
        exists (
            select from jsonb_to_recordset(%(owned)s::jsonb) as owned (relid oid, tenant_column text)
            where owned.relid = class.oid
                or owned.relid in (select parent.inhparent from pg_inherits as parent where parent.inhrelid = class.oid)
                or owned.tenant_column in (
                    select attribute.attname
                    from pg_attribute as attribute
                    where attribute.attrelid = class.oid and attribute.attnum > 0 and not attribute.attisdropped
                )
        ) as is_owned
    from pg_class as class
    join pg_namespace as space on space.oid = class.relnamespace
    join pg_foreign_table as link on link.ftrelid = class.oid
    join pg_foreign_server as server on server.oid = link.ftserver
    where class.relkind = 'f'
        and not exists (
            select from pg_depend as link
            where link.classid = 'pg_class'::regclass and link.objid = class.oid and link.deptype = 'e'
        )
)
select
    foreign_table.name as object,
    foreign_table.name as relation,
    case when count(*) = 1 then min(acting.name) end as role,
    format(
        '%s is a foreign table (server %I) and cannot have row security; all its rows are open to: %s.',
        foreign_table.name, foreign_table.srvname,
        array_to_string((array_agg(acting.name order by acting.name))[1:10], ', ')
    ) as detail,
    foreign_table.fix
from foreign_table
join acting
    on has_schema_privilege(acting.oid, foreign_table.relnamespace, 'USAGE')
    and (
        has_table_privilege(acting.oid, foreign_table.oid, 'SELECT, INSERT, UPDATE, DELETE')
        or has_any_column_privilege(acting.oid, foreign_table.oid, 'SELECT, INSERT, UPDATE')
    )
where not foreign_table.is_owned
group by foreign_table.name, foreign_table.srvname, foreign_table.fix
order by 1
