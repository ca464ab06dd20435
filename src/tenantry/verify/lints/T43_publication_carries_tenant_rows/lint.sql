-- title: A publication carries tenants' rows
-- level: note
-- kind: weakness
-- why: What a publication sends is not held by row security: the subscriber gets the rows of all tenants.
-- fix: Publish only what the subscriber may have, or give the table a row filter.
with carried as (
    select publication.pubname, format('%I.%I', space.nspname, class.relname) as name
    from jsonb_to_recordset(%(owned)s::jsonb) as owned (relid oid)
    join pg_class as class on class.oid = owned.relid
    join pg_namespace as space on space.oid = class.relnamespace
    join pg_publication_rel as link on link.prrelid = class.oid and link.prqual is null
    join pg_publication as publication on publication.oid = link.prpubid
    union
    select publication.pubname, format('%I.%I', space.nspname, class.relname)
    from jsonb_to_recordset(%(owned)s::jsonb) as owned (relid oid)
    join pg_class as class on class.oid = owned.relid
    join pg_namespace as space on space.oid = class.relnamespace
    join pg_publication_namespace as link on link.pnnspid = space.oid
    join pg_publication as publication on publication.oid = link.pnpubid
)
select
    quote_ident(carried.pubname) as object,
    null::text as relation,
    null::text as role,
    format(
        'Publication %I sends the rows of all tenants of %s tables to its subscribers: %s%s.',
        carried.pubname,
        count(*),
        array_to_string((array_agg(carried.name order by carried.name))[1:10], ', '),
        case when count(*) > 10 then ', and more' else '' end
    ) as detail,
    null::text as fix
from carried
group by carried.pubname
order by 1
