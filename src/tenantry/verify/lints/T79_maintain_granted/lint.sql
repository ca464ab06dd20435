-- title: An application role may lock and rewrite tenants' tables
-- level: note
-- kind: weakness
-- why: MAINTAIN allows VACUUM FULL, CLUSTER and LOCK TABLE, which stop every tenant's work on the table.
-- fix: Revoke MAINTAIN from the application's roles; also from their default privileges.
-- uses: held_grant
select
    format('%I', held.role) as object,
    null::text as relation,
    held.role as role,
    format(
        '%s may VACUUM FULL, CLUSTER and LOCK tables of tenants'' rows, and so stop every tenant''s work (%s tables): '
        '%s%s.',
        min(held.who),
        count(distinct names.name),
        array_to_string((array_agg(distinct names.name order by names.name))[1:10], ', '),
        case when count(distinct names.name) > 10 then ', and more' else '' end
    ) as detail,
    string_agg(distinct held.fix, ' ' order by held.fix) as fix
from held_grant as held
cross join lateral unnest(held.tables) as names (name)
where held.privilege = 'MAINTAIN'
group by held.role
order by 1
