-- title: A partition can be used directly, past the row security of its table
-- level: error
-- kind: weakness
-- why: Policies belong to the table a statement names. A statement that names the partition meets none of
--   the parent's policies.
-- fix: Revoke all rights on partitions, and enable and force row security on them too.
-- uses: open_child
select
    format('%I.%I', space.nspname, parent.relname) as object,
    format('%I.%I', space.nspname, parent.relname) as relation,
    string_agg(distinct open_child.name, ', ' order by open_child.name) as role,
    format(
        '%s partitions of %I.%I have no row security of their own, and %s may use them directly, where the policies of '
        '%I.%I do not hold: %s.',
        count(distinct open_child.relation), space.nspname, parent.relname,
        string_agg(distinct open_child.name, ', ' order by open_child.name), space.nspname, parent.relname,
        array_to_string((array_agg(distinct open_child.relation order by open_child.relation))[1:10], ', ')
        || case
            when count(distinct open_child.relation) > 10
            then format(' and %s more', count(distinct open_child.relation) - 10)
            else ''
        end
    ) as detail,
    case when count(*) <= 10 then string_agg(
        format('revoke all on %s from %s;', open_child.relation, open_child.name), ' '
        order by open_child.relation, open_child.name
    ) end as fix
from open_child
join pg_class as parent on parent.oid = open_child.ancestor
join pg_namespace as space on space.oid = parent.relnamespace
where open_child.is_partition
group by space.nspname, parent.relname
order by 1
