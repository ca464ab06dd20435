-- title: A publication carries every table
-- level: warning
-- kind: weakness
-- why: Every table of the database, also those of tomorrow, goes to the subscriber with the rows of all tenants.
-- fix: Publish the tables by name.
select
    quote_ident(publication.pubname) as object,
    null::text as relation,
    null::text as role,
    format(
        'Publication %I sends every table of the database, with all tenants'' rows, to its subscribers.',
        publication.pubname
    ) as detail,
    null::text as fix
from pg_publication as publication
where publication.puballtables and jsonb_array_length(%(owned)s::jsonb) > 0
order by 1
