-- title: All tenants share one approximate vector index
-- level: note
-- kind: weakness
-- why: An approximate search finds neighbours of all tenants first and drops foreign ones after: it returns
--   too few rows, and how few tells what others have.
-- fix: Search exactly within the tenant, or give large tenants a partition or partial index of their own.
-- uses: owned
select
    owned.relation as object,
    owned.relation as relation,
    null::text as role,
    format(
        'Index %s of %s holds the vectors of all tenants in one %s graph or list, so searches of small tenants come '
        'back short.',
        string_agg(quote_ident(index_class.relname), ', ' order by index_class.relname), owned.relation,
        string_agg(distinct method.amname, '/')
    ) as detail,
    null::text as fix
from owned
join pg_index as index on index.indrelid = owned.relid and index.indpred is null
join pg_class as index_class on index_class.oid = index.indexrelid
join pg_am as method on method.oid = index_class.relam
where method.amname in ('hnsw', 'ivfflat', 'diskann', 'scann')
    and not owned.relispartition
group by owned.relation
order by 1
