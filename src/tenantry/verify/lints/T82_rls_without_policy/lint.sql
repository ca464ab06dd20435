-- title: Row security is on and there is no policy
-- level: note
-- kind: broken
-- why: Roles other than the owner see no rows at all and can add none, in spite of their grants.
-- fix: Write the policies, or revoke the grants if nobody is to use the table.
-- uses: asker
with closed as (
    select format('%I.%I', space.nspname, class.relname) as relation
    from pg_class as class
    join pg_namespace as space on space.oid = class.relnamespace
    where class.relkind in ('r', 'p') and class.relrowsecurity and not class.relispartition
        and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
        and not exists (select from pg_policy as policy where policy.polrelid = class.oid)
        and not exists (
            select from pg_depend as member
            where member.classid = 'pg_class'::regclass and member.objid = class.oid and member.deptype = 'e'
        )
        and exists (
            select from asker
            where not pg_has_role(asker.oid, class.relowner, 'USAGE')
                and (
                    has_any_column_privilege(asker.oid, class.oid, 'SELECT, INSERT, UPDATE')
                    or has_table_privilege(asker.oid, class.oid, 'DELETE')
                )
        )
)
select
    'closed tables' as object,
    null::text as relation,
    null::text as role,
    format(
        '%s tables are granted to application roles, have row security and no policy, and so show nothing: %s.',
        count(*),
        array_to_string((array_agg(closed.relation order by closed.relation))[1:10], ', ')
        || case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end) as detail,
    null::text as fix
from closed
having count(*) > 0
order by 1
