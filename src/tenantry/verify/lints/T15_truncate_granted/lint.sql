-- title: An application role may empty tenants' tables
-- level: warning
-- kind: weakness
-- why: TRUNCATE is not subject to row security: whoever holds it can remove every tenant's rows at once.
-- fix: Revoke TRUNCATE from the application's roles; also from their default privileges.
-- uses: held_grant
select
    format('%I', held.role) as object,
    null::text as relation,
    held.role as role,
    format(
        '%s may TRUNCATE tables of tenants'' rows, which removes every tenant''s rows whatever the policies say (%s '
        'tables): %s%s.',
        min(held.who),
        count(distinct names.name),
        array_to_string((array_agg(distinct names.name order by names.name))[1:10], ', '),
        case when count(distinct names.name) > 10 then ', and more' else '' end
    ) as detail,
    string_agg(distinct held.fix, ' ' order by held.fix) as fix
from held_grant as held
cross join lateral unnest(held.tables) as names (name)
where held.privilege = 'TRUNCATE'
group by held.role
order by 1
