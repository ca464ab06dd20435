-- title: The names of all files in a bucket can be listed
-- level: note
-- kind: weakness
-- why: A public bucket needs no policy to serve a file by its name; a policy on the whole bucket hands out the list
--   of names.
-- fix: Drop the policy, or let it name the owner or the tenant's folder.
with broad as (
    select
        policy.polname,
        class.relname,
        space.nspname,
        pg_get_expr(policy.polqual, policy.polrelid) as condition
    from pg_policy as policy
    join pg_class as class on class.oid = policy.polrelid and class.relname = 'objects'
    join pg_namespace as space on space.oid = class.relnamespace and space.nspname = 'storage'
    where policy.polpermissive
        and policy.polcmd in ('r', '*')
        and exists (
            select from unnest(policy.polroles) as role (oid)
            where role.oid = 0
                or role.oid = any(%(app_roles)s::oid[])
                or pg_get_userbyid(role.oid) in ('anon', 'authenticated')
        )
)
select
    format('%I.%I', broad.nspname, broad.relname) as object,
    format('%I.%I', broad.nspname, broad.relname) as relation,
    null::text as role,
    format(
        'Policies on %I.%I let anybody they name list every file of a bucket: %s.',
        broad.nspname, broad.relname, string_agg(format('%I', broad.polname), ', ' order by broad.polname)
    ) as detail,
    string_agg(
        format('drop policy %I on %I.%I;', broad.polname, broad.nspname, broad.relname), ' ' order by broad.polname
    ) as fix
from broad
where broad.condition is null
    or broad.condition in ('true', '(true)')
    or broad.condition ~ $re$^\(*bucket_id = '([^']|'')*'(::[a-z ]+)?\)*$$re$
group by broad.nspname, broad.relname
order by 1
