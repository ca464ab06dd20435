-- title: A materialised view with tenants' rows is open to an application role
-- level: error
-- kind: weakness
-- why: Row security cannot be switched on for a materialised view: whoever may select from it reads what it
--   holds of every tenant.
-- fix: Revoke it, and give the application a function or view that filters by tenant.
-- uses: owned, asker, view_reads
with recursive stored as (
    select
        class.oid, format('%I.%I', space.nspname, class.relname) as relation,
        string_agg(asker.name, ', ' order by asker.name) as roles
    from pg_class as class
    join pg_namespace as space on space.oid = class.relnamespace
    join asker on has_any_column_privilege(asker.oid, class.oid, 'SELECT')
        and has_schema_privilege(asker.oid, space.oid, 'USAGE')
    where class.relkind = 'm' and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
    group by class.oid, space.nspname, class.relname
),
walk as (
    select stored.oid as top, view_reads.relid from stored join view_reads on view_reads.viewid = stored.oid
    union
    select walk.top, view_reads.relid from walk join view_reads on view_reads.viewid = walk.relid
)
select
    stored.relation as object,
    stored.relation as relation,
    stored.roles as role,
    format(
        'Materialised view %s holds rows of %s for all tenants, and %s may select from it.',
        stored.relation, string_agg(owned.relation, ', ' order by owned.relation), stored.roles
    ) as detail,
    format('revoke all on %s from %s;', stored.relation, stored.roles) as fix
from walk
join owned on owned.relid = walk.relid
join stored on stored.oid = walk.top
group by stored.relation, stored.roles
order by 1
