-- about: Descendants without row security of their own that the application may use directly.
-- uses: table_heir, asker
select
    heir.ancestor, format('%I.%I', space.nspname, child.relname) as relation, child.relispartition as is_partition,
    asker.name
from table_heir as heir
join pg_class as child on child.oid = heir.relid
join pg_namespace as space on space.oid = child.relnamespace
join asker on (
        has_any_column_privilege(asker.oid, child.oid, 'SELECT, INSERT, UPDATE')
        or has_table_privilege(asker.oid, child.oid, 'DELETE')
    )
    and has_schema_privilege(asker.oid, space.oid, 'USAGE')
where child.relkind in ('r', 'p', 'f') and not child.relrowsecurity
    and not exists (select from table_heir as upper_heir where upper_heir.relid = heir.ancestor)
