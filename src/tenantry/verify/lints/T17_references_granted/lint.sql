-- title: An application role may point foreign keys at tenants' tables
-- level: note
-- kind: weakness
-- why: A foreign key is checked past row security: whoever may point one at a table can ask whether any tenant's row
--   exists.
-- fix: Revoke REFERENCES from the application's roles; foreign keys are made by the role that owns the tables.
-- uses: held_grant
select
    format('%I', held.role) as object,
    null::text as relation,
    held.role as role,
    format(
        '%s may point foreign keys at tables of tenants'' rows; their check sees every tenant''s rows and tells which '
        'keys exist (%s tables): %s%s.',
        min(held.who),
        count(distinct names.name),
        array_to_string((array_agg(distinct names.name order by names.name))[1:10], ', '),
        case when count(distinct names.name) > 10 then ', and more' else '' end
    ) as detail,
    string_agg(distinct held.fix, ' ' order by held.fix) as fix
from held_grant as held
cross join lateral unnest(held.tables) as names (name)
where held.privilege = 'REFERENCES'
group by held.role
order by 1
