-- title: A partition can be used directly, past the row security of its table
-- level: error
-- kind: weakness
-- why: Policies belong to the table a statement names. A statement that names the partition meets none of
--   the parent's policies.
-- fix: Revoke all rights on partitions, and enable and force row security on them too.
with recursive asker as (
    select role.oid, quote_ident(role.rolname) as name
    from pg_roles as role
    where role.oid = any (%(app_roles)s::oid[]) and not role.rolsuper and not role.rolbypassrls
    union all
    select 0, 'public'  -- how privilege functions know PUBLIC
),
line as (
    -- every descendant of a table with row security
    select parent.oid as ancestor, link.inhrelid as relid
    from pg_class as parent
    join pg_inherits as link on link.inhparent = parent.oid
    where parent.relrowsecurity and parent.relkind in ('r', 'p')
    union
    select line.ancestor, link.inhrelid
    from line
    join pg_inherits as link on link.inhparent = line.relid
),
open_child as (
    select line.ancestor, format('%I.%I', space.nspname, child.relname) as relation, asker.name
    from line
    join pg_class as child on child.oid = line.relid
    join pg_namespace as space on space.oid = child.relnamespace
    join asker on (
            has_any_column_privilege(asker.oid, child.oid, 'SELECT, INSERT, UPDATE')
            or has_table_privilege(asker.oid, child.oid, 'DELETE')
        )
        and has_schema_privilege(asker.oid, space.oid, 'USAGE')
    where child.relkind in ('r', 'p', 'f') and not child.relrowsecurity and child.relispartition
        and not exists (select from line as upper_line where upper_line.relid = line.ancestor)
)
select
    format('%I.%I', space.nspname, parent.relname) as object,
    format('%I.%I', space.nspname, parent.relname) as relation,
    string_agg(distinct open_child.name, ', ' order by open_child.name) as role,
    format(
        '%s partitions of %I.%I have no row security of their own, and %s may use them directly, where the policies of %I.%I do not hold: %s.',
        count(distinct open_child.relation), space.nspname, parent.relname,
        string_agg(distinct open_child.name, ', ' order by open_child.name), space.nspname, parent.relname,
        array_to_string((array_agg(distinct open_child.relation order by open_child.relation))[1:10], ', ')
        || case when count(distinct open_child.relation) > 10 then format(' and %s more', count(distinct open_child.relation) - 10) else '' end
    ) as detail,
    case when count(*) <= 10 then string_agg(
        format('revoke all on %s from %s;', open_child.relation, open_child.name), ' '
        order by open_child.relation, open_child.name
    ) end as fix
from open_child
join pg_class as parent on parent.oid = open_child.ancestor
join pg_namespace as space on space.oid = parent.relnamespace
group by space.nspname, parent.relname
order by 1
