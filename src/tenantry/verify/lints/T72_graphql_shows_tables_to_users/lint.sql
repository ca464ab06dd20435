-- title: Every signed-in user is told of tables through GraphQL
-- level: note
-- kind: weakness
-- why: pg_graphql tells every user of each object the role may read, its columns and its relations, rows or no rows;
--   where anyone may sign up, that is everybody.
-- fix: Revoke SELECT from authenticated on what users need not read, or ask for no introspection (pg_graphql 1.6 and
--   later).
-- source: pg_graphql 1.6.0, "introspection disabled by default"; like splinter's 0027.
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
    null::text as fix
from graphql_seen as seen
where seen.role = 'authenticated'
group by seen.role
