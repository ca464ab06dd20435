-- about: The views the application may select from.
-- uses: view, asker
select view.oid, string_agg(asker.name, ', ' order by asker.name) as roles
from view
join asker on has_any_column_privilege(asker.oid, view.oid, 'SELECT')
    and has_schema_privilege(asker.oid, view.relnamespace, 'USAGE')
group by view.oid
