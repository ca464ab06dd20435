-- title: An application role reaches tenants' rows through a foreign table
-- level: error
-- kind: leak
-- why: A foreign table cannot have row security: whoever holds a grant on it reaches every row that the other server
--   gives.
-- fix: Revoke the grant; offer a view or a function that names the tenant, owned by another role.
-- uses: acting, foreign_table
select
    foreign_table.name as object,
    foreign_table.name as relation,
    case when count(*) = 1 then min(acting.name) end as role,
    format(
        '%s is a foreign table (server %I) with tenants'' rows and cannot have row security; all its rows are open to: '
        '%s.',
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
where foreign_table.is_owned
group by foreign_table.name, foreign_table.srvname, foreign_table.fix
order by 1
