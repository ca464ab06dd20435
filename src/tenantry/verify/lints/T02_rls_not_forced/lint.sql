-- title: Row security is not forced on tables of tenants' rows
-- level: note
-- kind: hygiene
-- why: The owner of a table is not bound by its policies unless row security is forced, and neither is any
--   view or function that runs as the owner.
-- fix: Force row security on each of these tables; roles which need every row get a policy of their own.
-- uses: reachable_owner, unforced
select
    format('%I', owner.rolname) as object,
    null::text as relation,
    owner.rolname::text as role,
    format(
        '%s tables of %I have row security that does not bind their owner: %s.',
        count(*), owner.rolname, array_to_string((array_agg(unforced.relation order by unforced.relation))[1:10], ', ')
        || case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end
    ) as detail,
    case when count(*) <= 10 then
        string_agg(
            format('alter table %s force row level security;', unforced.relation), ' ' order by unforced.relation
        )
    end as fix
from unforced
join pg_roles as owner on owner.oid = unforced.relowner
where unforced.relowner not in (select exposed.oid from reachable_owner as exposed)
group by owner.rolname
order by 1
