-- title: A child table can be used directly, past the row security of its parent
-- level: error
-- kind: weakness
-- why: Policies belong to the table a statement names. A statement that names the child meets none of the
--   parent's policies.
-- fix: Revoke all rights on the child, or enable and force row security on it with policies of its own.
with recursive asker as (
    select role.oid, quote_ident(role.rolname) as name
    from pg_roles as role
    where role.oid = any (%(app_roles)s::oid[]) and not role.rolsuper
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
    select
        child.oid, format('%I.%I', space.nspname, child.relname) as relation, line.ancestor,
        string_agg(asker.name, ', ' order by asker.name) as roles
    from line
    join pg_class as child on child.oid = line.relid
    join pg_namespace as space on space.oid = child.relnamespace
    join asker on (
            has_any_column_privilege(asker.oid, child.oid, 'SELECT, INSERT, UPDATE')
            or has_table_privilege(asker.oid, child.oid, 'DELETE')
        )
        and has_schema_privilege(asker.oid, space.oid, 'USAGE')
    where child.relkind in ('r', 'p', 'f') and not child.relrowsecurity and not child.relispartition
    group by child.oid, space.nspname, child.relname, line.ancestor
)
select distinct on (open_child.relation)
    open_child.relation as object,
    open_child.relation as relation,
    open_child.roles as role,
    format(
        '%s is a child of %I.%I, has no row security of its own, and %s may use it directly: the policies of %I.%I do not hold there.',
        open_child.relation, space.nspname, parent.relname, open_child.roles, space.nspname, parent.relname
    ) as detail,
    format('revoke all on %s from %s;', open_child.relation, open_child.roles) as fix
from open_child
join pg_class as parent on parent.oid = open_child.ancestor
join pg_namespace as space on space.oid = parent.relnamespace
order by 1, parent.relname
