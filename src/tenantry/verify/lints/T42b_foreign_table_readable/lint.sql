-- title: An application role reads a foreign table
-- level: note
-- kind: weakness
-- why: A foreign table cannot have row security, and its rows are fetched with the rights of the stored login, not
--   the reader's.
-- fix: Make sure that its rows belong to no tenant; else revoke the grant.
-- uses: acting, foreign_table
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
