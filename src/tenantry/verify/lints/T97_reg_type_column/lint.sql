-- title: A column stores a number of the catalog
-- level: note
-- kind: hygiene
-- why: pg_upgrade refuses databases with such columns, because the numbers change with the version.
-- fix: Store the name as text.
select
    format('%I.%I', space.nspname, class.relname) as object,
    format('%I.%I', space.nspname, class.relname) as relation,
    null::text as role,
    format(
        '%I.%I has columns of types that pg_upgrade refuses: %s.',
        space.nspname, class.relname,
        string_agg(format('%I (%s)', attribute.attname, type.typname), ', ' order by attribute.attnum)
    ) as detail,
    string_agg(
        format('alter table %I.%I alter column %I type text;', space.nspname, class.relname, attribute.attname), ' '
        order by attribute.attnum
    ) as fix
from pg_attribute as attribute
join pg_class as class on class.oid = attribute.attrelid and class.relkind in ('r', 'p', 'm')
join pg_namespace as space on space.oid = class.relnamespace
join pg_type as type on type.oid = attribute.atttypid
where attribute.attnum > 0
    and not attribute.attisdropped
    and attribute.atttypid in (
        'regproc'::regtype, 'regprocedure'::regtype, 'regoper'::regtype, 'regoperator'::regtype, 'regconfig'::regtype,
        'regdictionary'::regtype, 'regcollation'::regtype, 'regnamespace'::regtype
    )
    and not class.relispartition
    and space.nspname !~ '^(pg_|information_schema$)'
    -- why: tables of a hosting platform are not the user's to mend
    and pg_get_userbyid(class.relowner) !~ '^supabase_.*admin$'
    and not exists (
        select from pg_depend as link
        where link.classid = 'pg_class'::regclass and link.objid = class.oid and link.deptype = 'e'
    )
group by space.nspname, class.relname
order by 1
