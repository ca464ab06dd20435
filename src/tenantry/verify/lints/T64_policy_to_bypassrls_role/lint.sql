-- title: Policies written to a role that no policy binds
-- level: note
-- kind: hygiene
-- why: Roles with BYPASSRLS and superusers never meet policies; these grant and restrict nothing, and look
--   as if they did.
-- fix: Drop them, or take BYPASSRLS from the role so that they begin to hold.
-- uses: policy
select
    quote_ident(role.rolname) as object,
    null::text as relation,
    role.rolname::text as role,
    format(
        '%s policies are written to %I, which %s, so they never run: %s.',
        count(*), role.rolname, case when role.rolsuper then 'is a superuser' else 'has BYPASSRLS' end,
        array_to_string(
            (
                array_agg(
                    format('%I on %s', policy.polname, policy.relation)
                    order by format('%I on %s', policy.polname, policy.relation)
                )
            )[1:10],
            ', '
        )
        || case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end
    ) as detail,
    null::text as fix
from policy
cross join lateral unnest(policy.roles) as target (oid)
join pg_roles as role on role.oid = target.oid and (role.rolsuper or role.rolbypassrls)
group by role.rolname, role.rolsuper
order by 1
