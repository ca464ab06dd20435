-- title: Everybody may run a function with its owner's rights
-- level: warning
-- kind: weakness
-- why: PUBLIC may execute every new function; one with its owner's rights lends them to every role, also to those of
--   tomorrow.
-- fix: Revoke EXECUTE from PUBLIC and grant it to the roles that need it.
-- uses: acting
with visitor as (
    select role.oid, role.rolname from pg_roles as role where role.rolname = 'anon'
),
definer as (
    select
        routine.oid,
        format('%I.%I(%s)', space.nspname, routine.proname, pg_get_function_identity_arguments(routine.oid)) as name,
        routine.proowner,
        routine.pronamespace,
        case when bool_or(acl.grantee = 0) then 'public' else 'anon' end as grantee
    from pg_proc as routine
    join pg_namespace as space on space.oid = routine.pronamespace
    cross join lateral aclexplode(coalesce(routine.proacl, acldefault('f', routine.proowner))) as acl
    where routine.prosecdef
        and routine.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
        and acl.privilege_type = 'EXECUTE'
        and acl.grantee <> routine.proowner
        and (acl.grantee = 0 or acl.grantee in (select visitor.oid from visitor))
        and space.nspname !~ '^(pg_|information_schema$)'
        -- why: a floor is for public, and so is what it asks; these tell a session what its own context says
        and not (
            space.nspname = 'tenantry' and routine.proname in ('accept', 'admitted', 'member_roles')
            and routine.proowner in (
                select own.oid from pg_roles as own
                where own.rolname in ('tenantry_context', 'tenantry_lookup') and not own.rolcanlogin
            )
            and routine.prosrc ~ '\mtenantry\.(carrier\(\)|proved\()'
        )
        and not exists (
            select from pg_depend as link
            where link.classid = 'pg_proc'::regclass and link.objid = routine.oid and link.deptype = 'e'
        )
    group by routine.oid, space.nspname
)
select
    definer.name as object,
    null::text as relation,
    definer.grantee as role,
    format(
        '%s runs with the rights of %I, and %s may execute it.',
        definer.name,
        pg_get_userbyid(definer.proowner),
        case when definer.grantee = 'public' then 'every role' else 'anon, which is anybody,' end
    ) as detail,
    format('revoke execute on routine %s from %s;', definer.oid::regprocedure, definer.grantee) as fix
from definer
where exists (
        select from acting
        where has_schema_privilege(acting.oid, definer.pronamespace, 'USAGE')
            and not pg_has_role(acting.oid, definer.proowner, 'USAGE')
    )
    or exists (select from visitor where has_schema_privilege(visitor.oid, definer.pronamespace, 'USAGE'))
order by 1
