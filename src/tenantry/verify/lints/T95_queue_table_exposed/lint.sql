-- title: A queue's messages can be read by an application role
-- level: error
-- kind: leak
-- why: Messages of all tenants lie in one table without row security.
-- fix: Revoke the grant and let a function hand out messages, or enable row security on the queue's tables.
-- uses: acting
select
    format('%I.%I', space.nspname, class.relname) as object,
    format('%I.%I', space.nspname, class.relname) as relation,
    case when count(*) = 1 then min(acting.name) end as role,
    format(
        '%I.%I holds a queue''s messages without row security, and %s may read them all.',
        space.nspname, class.relname,
        array_to_string((array_agg(format('%I', acting.name) order by acting.name))[1:10], ', ')
    ) as detail,
    format('alter table %I.%I enable row level security;', space.nspname, class.relname) as fix
from pg_class as class
join pg_namespace as space on space.oid = class.relnamespace and space.nspname = 'pgmq'
join acting
    on has_schema_privilege(acting.oid, space.oid, 'USAGE')
    and has_any_column_privilege(acting.oid, class.oid, 'SELECT')
where class.relkind in ('r', 'p')
    and class.relname ~ '^[qa]_'
    and not class.relrowsecurity
group by space.nspname, class.relname
order by 1
