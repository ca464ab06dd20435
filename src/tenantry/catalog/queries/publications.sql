-- about: Publications, and for each table they carry its columns and the filter of its rows.
select
    publication.pubname::text as name,
    publication.puballtables as for_all_tables,
    publication.pubinsert as sends_inserts,
    publication.pubupdate as sends_updates,
    publication.pubdelete as sends_deletes,
    publication.pubtruncate as sends_truncates,
    publication.pubviaroot as via_root,
    coalesce(class.oid, 0)::bigint as relation,
    coalesce(member.attnames::text[], '{}') as columns,
    coalesce(member.rowfilter, '') as row_filter
from pg_publication as publication
left join pg_publication_tables as member on member.pubname = publication.pubname
left join pg_namespace as space on space.nspname = member.schemaname
left join pg_class as class on class.relnamespace = space.oid and class.relname = member.tablename
order by publication.pubname, member.schemaname, member.tablename
