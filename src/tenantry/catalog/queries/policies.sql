-- about: Row security policies, with the functions and relations their expressions use.
select
    policy.oid::bigint as oid,
    policy.polname::text as name,
    policy.polrelid::bigint as relation,
    policy.polcmd::text as command,
    policy.polpermissive as is_permissive,
    policy.polroles::bigint[] as roles,
    coalesce(pg_get_expr(policy.polqual, policy.polrelid), '') as using,
    coalesce(pg_get_expr(policy.polwithcheck, policy.polrelid), '') as check,
    array(
        select distinct dependency.refobjid::bigint
        from pg_depend as dependency
        where dependency.classid = 'pg_policy'::regclass and dependency.objid = policy.oid
            and dependency.refclassid = 'pg_proc'::regclass
        order by 1
    ) as routines,
    array(
        select distinct dependency.refobjid::bigint
        from pg_depend as dependency
        where dependency.classid = 'pg_policy'::regclass and dependency.objid = policy.oid
            and dependency.refclassid = 'pg_class'::regclass and dependency.refobjid <> policy.polrelid
        order by 1
    ) as relations
from pg_policy as policy
order by policy.polrelid, policy.polname
