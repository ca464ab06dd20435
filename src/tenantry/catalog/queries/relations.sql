-- about: Tables, partitioned tables, views of both kinds and foreign tables.
select
    class.oid::bigint as oid,
    space.nspname::text as schema,
    class.relname::text as name,
    format('%I.%I', space.nspname, class.relname) as title,
    class.relkind::text as kind,
    class.relowner::bigint as owner,
    class.relrowsecurity as rls,
    class.relforcerowsecurity as forced,
    class.relispartition as is_partition,
    array(
        select attribute.attname::text
        from pg_partitioned_table as partitioned
        cross join unnest(partitioned.partattrs) with ordinality as key (number, position)
        join pg_attribute as attribute on attribute.attrelid = partitioned.partrelid and attribute.attnum = key.number
        where partitioned.partrelid = class.oid
        order by key.position
    ) as partition_columns,
    coalesce(pg_get_expr(class.relpartbound, class.oid), '') as bound,
    greatest(class.reltuples, 0)::float8 as estimated_rows,
    coalesce(class.reloptions, '{}') as options,
    case when class.relkind in ('v', 'm') then pg_get_viewdef(class.oid) else '' end as definition,
    coalesce(wrapper.fdwname, '')::text as wrapper,
    coalesce(extension.extname, '')::text as extension
from pg_class as class
join pg_namespace as space on space.oid = class.relnamespace
left join pg_foreign_table as outer_table on outer_table.ftrelid = class.oid
left join pg_foreign_server as outer_server on outer_server.oid = outer_table.ftserver
left join pg_foreign_data_wrapper as wrapper on wrapper.oid = outer_server.srvfdw
left join pg_depend as member
    on member.classid = 'pg_class'::regclass and member.objid = class.oid and member.objsubid = 0
    and member.refclassid = 'pg_extension'::regclass and member.deptype = 'e'
left join pg_extension as extension on extension.oid = member.refobjid
where class.relkind in ('r', 'p', 'v', 'm', 'f')
    and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by space.nspname, class.relname
