-- title: A foreign key hangs on a unique column of the sign-in schema
-- level: note
-- kind: hygiene
-- why: The platform may change that index when it is updated, and the update then fails or drops the foreign key.
-- fix: Refer to the primary key of the table.
select
    format('%I.%I', space.nspname, class.relname) as object,
    format('%I.%I', space.nspname, class.relname) as relation,
    null::text as role,
    format(
        '%I.%I refers to unique columns of schema auth that are not its primary keys: %s.',
        space.nspname, class.relname, string_agg(quote_ident(reference.conname), ', ' order by reference.conname)
    ) as detail,
    string_agg(
        format('alter table %I.%I drop constraint %I;', space.nspname, class.relname, reference.conname), ' '
        order by reference.conname
    ) as fix
from pg_constraint as reference
join pg_class as class on class.oid = reference.conrelid
join pg_namespace as space on space.oid = class.relnamespace and space.nspname <> 'auth'
join pg_class as target on target.oid = reference.confrelid
join pg_namespace as target_space on target_space.oid = target.relnamespace and target_space.nspname = 'auth'
join pg_index as index on index.indexrelid = reference.conindid
where reference.contype = 'f'
    and reference.conparentid = 0
    and index.indisunique
    and not index.indisprimary
    and space.nspname !~ '^(pg_|information_schema$)'
    -- why: tables of a hosting platform are not the user's to mend
    and pg_get_userbyid(class.relowner) !~ '^supabase_.*admin$'
    and not exists (
        select from pg_depend as link
        where link.classid = 'pg_class'::regclass and link.objid = class.oid and link.deptype = 'e'
    )
group by space.nspname, class.relname
order by 1
