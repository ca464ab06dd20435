-- title: A function with its owner's rights looks names up where others may write
-- level: warning
-- kind: weakness
-- why: The caller puts an object of the same name in front, and the function uses it with the rights of its owner.
-- fix: Set search_path on the function to '' (or pg_catalog, pg_temp) and write names with their schema.
-- uses: acting, definer_path
with writable as (
    select definer.oid, string_agg(distinct format('%I', space.nspname), ', ') as schemas
    from definer_path as definer
    cross join lateral unnest(string_to_array(definer.path, ',')) as part (name)
    join pg_namespace as space on space.nspname = btrim(part.name, ' "') and space.nspname !~ '^pg_'
    where exists (
            select from aclexplode(coalesce(space.nspacl, acldefault('n', space.nspowner))) as acl
            where acl.grantee = 0 and acl.privilege_type = 'CREATE'
        )
        or exists (
            select from acting
            where has_schema_privilege(acting.oid, space.oid, 'CREATE')
                and not pg_has_role(acting.oid, definer.proowner, 'USAGE')
        )
    group by definer.oid
)
select
    definer.name as object,
    null::text as relation,
    null::text as role,
    format(
        '%s runs with the rights of %I and %s.',
        definer.name,
        pg_get_userbyid(definer.proowner),
        case
            when definer.path is null then 'has no search_path of its own: the caller decides what its names mean'
            else format('looks names up in %s, where callers may create objects', writable.schemas)
        end
    ) as detail,
    format('alter routine %s set search_path = '''';', definer.oid::regprocedure) as fix
from definer_path as definer
left join writable on writable.oid = definer.oid
where definer.path is null or writable.oid is not null
order by 1
