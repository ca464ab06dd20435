-- title: Indexes that row security keeps from being used
-- level: note
-- kind: hygiene
-- why: Under row security only leakproof operators may run before the policy, so an index on other
--   operators waits behind a scan of the tenant's rows.
-- fix: Use uuid, text, integer or date columns in hot indexes; search others through a function whose owner
--   is exempt and which names the tenant.
-- uses: owned
with blocked as (
    select distinct owned.relation, index_class.relname as index_name, opclass.opcname
    from owned
    join pg_index as index on index.indrelid = owned.relid and not index.indisprimary and not index.indisexclusion
    join pg_class as index_class on index_class.oid = index.indexrelid
    join pg_am as method on method.oid = index_class.relam and method.amname not in ('hnsw', 'ivfflat')
    cross join lateral unnest(index.indclass) with ordinality as part (opclass, position)
    join pg_opclass as opclass on opclass.oid = part.opclass
    where owned.relrowsecurity and not owned.relispartition
        and exists (
            select from pg_amop as searched where searched.amopfamily = opclass.opcfamily and searched.amoppurpose = 's'
        )
        and not exists (
            select from pg_amop as searched
            join pg_operator as operator on operator.oid = searched.amopopr
            join pg_proc as proc on proc.oid = operator.oprcode
            where searched.amopfamily = opclass.opcfamily and searched.amoppurpose = 's'
                and searched.amoplefttype in (opclass.opcintype, opclass.opckeytype) and proc.proleakproof
        )
)
select
    'indexes' as object,
    null::text as relation,
    null::text as role,
    format(
        'Queries of application roles cannot search %s indexes of tables with row security by their operators: %s.',
        count(*),
        array_to_string(
            (
                array_agg(
                    format('%I on %s (%s)', blocked.index_name, blocked.relation, blocked.opcname)
                    order by format('%I on %s (%s)', blocked.index_name, blocked.relation, blocked.opcname)
                )
            )[1:10],
            ', '
        )
        || case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end
    ) as detail,
    null::text as fix
from blocked
having count(*) > 0
order by 1
