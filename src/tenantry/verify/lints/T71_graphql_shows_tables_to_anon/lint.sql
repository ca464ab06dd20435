-- title: Everybody is told of tables through GraphQL
-- level: warning
-- kind: weakness
-- why: pg_graphql tells whoever asks of every object the role may read, its columns and its relations, rows or no
--   rows: the public key of the application is enough to draw a map of the database.
-- fix: Revoke SELECT from anon on what nobody signed out must read, or ask for no introspection (pg_graphql 1.6 and
--   later).
-- source: pg_graphql 1.6.0, "introspection disabled by default"; like splinter's 0026.
-- uses: graphql_seen
select
    seen.role as object,
    null::text as relation,
    seen.role as role,
    format(
        '%s is shown %s tables and views by pg_graphql, with their columns and how they hang together: %s%s.',
        seen.role,
        count(*),
        array_to_string((array_agg(seen.relation order by seen.relation))[1:10], ', '),
        case when count(*) > 10 then ', and more' else '' end
    ) as detail,
    case when count(*) <= 10 then
        format('revoke select on %s from anon;', string_agg(seen.relation, ', ' order by seen.relation))
    end as fix
from graphql_seen as seen
where seen.role = 'anon'
group by seen.role
