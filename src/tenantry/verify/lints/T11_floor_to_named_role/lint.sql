-- title: The restrictive tenant policy is written to a named role
-- level: warning
-- kind: weakness
-- why: Other roles are not under it, and on servers without the fix for CVE-2026-116311 the role itself
--   removes it with DROP OWNED BY.
-- fix: Write the policy to public; restrictive policies take nothing from roles that need no rows.
-- uses: spoken, floor
select
    spoken.relation as object,
    spoken.relation as relation,
    named.roles as role,
    format(
        'Restrictive policy %I of %s holds %s only: other roles are not under it, and %s can get rid of it with DROP '
        'OWNED BY on a server that lacks the fix.',
        spoken.polname, spoken.relation, named.roles, named.roles
    ) as detail,
    format('alter policy %I on %s to public;', spoken.polname, spoken.relation) as fix
from spoken
cross join lateral (
    select string_agg(quote_ident(role.rolname), ', ' order by role.rolname) as roles
    from pg_roles as role
    where role.oid = any (spoken.roles)
) as named
where not spoken.is_permissive and not spoken.is_public
    and (spoken.tenant_column is null or spoken.using_names_tenant or spoken.check_names_tenant)
    and not exists (
        select from floor where floor.relid = spoken.relid and floor.command in (spoken.command, '*')
    )
order by 1, spoken.polname
