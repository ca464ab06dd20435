-- about: Publications and the tables they carry.
select
    publication.pubname::text as name,
    publication.puballtables as for_all_tables,
    array(
        select class.oid::bigint
        from pg_publication_tables as member
        join pg_namespace as space on space.nspname = member.schemaname
        join pg_class as class on class.relnamespace = space.oid and class.relname = member.tablename
        where member.pubname = publication.pubname
        order by 1
    ) as relations
from pg_publication as publication
order by publication.pubname
