-- title: A view passes by row security and relies on its own condition
-- level: note
-- kind: weakness
-- why: Policies do not bind this view's owner; one forgotten condition in the view, or an upsert through it
--   (CVE-2026-16237), reaches other tenants' rows.
-- fix: Make the view a security_invoker view, so that the policies hold under it.
-- uses: owned, view, granted_view, view_walk
select
    view.relation as object,
    view.relation as relation,
    granted.roles as role,
    format(
        'View %s reads %s as %s, whom the policies there do not bind, and %s may select from it. The view asks for the '
        'context itself, so its own condition is all that separates tenants.',
        view.relation,
        string_agg(distinct owned.relation, ', ' order by owned.relation),
        string_agg(distinct format('%I', reader.rolname), ', '),
        granted.roles
    ) as detail,
    format('alter view %s set (security_invoker = true);', view.relation) as fix
from view_walk as walk
join owned on owned.relid = walk.relid
join pg_roles as reader on reader.oid = walk.reads_as
join view on view.oid = walk.top
join granted_view as granted on granted.oid = walk.top
where walk.asks_who
    and (
        reader.rolsuper or reader.rolbypassrls
        or pg_has_role(reader.oid, owned.relowner, 'USAGE')
        and not (owned.relrowsecurity and owned.relforcerowsecurity)
    )
group by view.relation, granted.roles
order by 1
