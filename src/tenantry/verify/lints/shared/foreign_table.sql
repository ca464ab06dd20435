-- about: Every foreign table, with what takes its grants away and whether it holds tenants' rows.
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
