-- title: An application role may hang triggers on tenants' tables
-- level: warning
-- kind: weakness
-- why: A trigger runs as whoever writes to the table: one hung by the application runs with an administrator's
--   rights.
-- fix: Revoke TRIGGER from the application's roles; also from their default privileges.
-- uses: held_grant
select
    format('%I', held.role) as object,
    null::text as relation,
    held.role as role,
    format(
        '%s may create triggers on tables of tenants'' rows; such a trigger runs as whoever writes next, past the '
        'policies (%s tables): %s%s.',
        min(held.who),
        count(distinct names.name),
        array_to_string((array_agg(distinct names.name order by names.name))[1:10], ', '),
        case when count(distinct names.name) > 10 then ', and more' else '' end
    ) as detail,
    string_agg(distinct held.fix, ' ' order by held.fix) as fix
from held_grant as held
cross join lateral unnest(held.tables) as names (name)
where held.privilege = 'TRIGGER'
group by held.role
order by 1
