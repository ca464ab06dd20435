-- title: A table has no primary key
-- level: note
-- kind: hygiene
-- why: Without a key a row cannot be named: not by foreign keys, not by replication, not when it must be mended.
-- fix: Add a primary key; in a table of tenants' rows let it start with the tenant.
select
    format('%I.%I', space.nspname, class.relname) as object,
    format('%I.%I', space.nspname, class.relname) as relation,
    null::text as role,
    format(
        '%I.%I has no primary key, so its rows cannot be told apart or referred to.', space.nspname, class.relname
    ) as detail,
    null::text as fix
from pg_class as class
join pg_namespace as space on space.oid = class.relnamespace
where class.relkind in ('r', 'p')
    and not class.relispartition
    and class.relpersistence <> 't'
    and not exists (select from pg_index as index where index.indrelid = class.oid and index.indisprimary)
    and space.nspname !~ '^(pg_|information_schema$)'
    -- why: tables of a hosting platform are not the user's to mend
    and pg_get_userbyid(class.relowner) !~ '^supabase_.*admin$'
    and not exists (
        select from pg_depend as link
        where link.classid = 'pg_class'::regclass and link.objid = class.oid and link.deptype = 'e'
    )
order by 1
