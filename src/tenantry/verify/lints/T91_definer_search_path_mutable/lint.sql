-- title: A function with its owner's rights looks names up where others may write
-- level: warning
-- kind: weakness
-- why: The caller puts an object of the same name in front, and the function uses it with the rights of its owner.
-- fix: Set search_path on the function to '' (or pg_catalog, pg_temp) and write names with their schema.
with acting as (
    select role.oid, role.rolname::text as name
    from pg_roles as role
    where role.oid = any(%(app_roles)s::oid[]) and not role.rolsuper
),
definer as (
    select
        routine.oid,
        format('%I.%I(%s)', space.nspname, routine.proname, pg_get_function_identity_arguments(routine.oid)) as name,
        space.nspname,
        routine.proowner,
        (
            select substr(setting.text, strpos(setting.text, '=') + 1)
            from unnest(routine.proconfig) as setting (text)
            where setting.text like 'search_path=%'
        ) as path
    from pg_proc as routine
    join pg_namespace as space on space.oid = routine.pronamespace
    join pg_language as language on language.oid = routine.prolang and language.lanname not in ('internal', 'c')
    where routine.prosecdef
        -- why: names in a body of standard SQL are resolved when the function is made
        and routine.prosqlbody is null
        and space.nspname !~ '^(pg_|information_schema$)'
        and not exists (
            select from pg_depend as link
            where link.classid = 'pg_proc'::regclass and link.objid = routine.oid and link.deptype = 'e'
        )
        -- why: a function that nobody else may run gives nobody its owner's rights
        and (
            exists (select from pg_trigger as trigger where trigger.tgfoid = routine.oid)
            or exists (
                select from aclexplode(coalesce(routine.proacl, acldefault('f', routine.proowner))) as acl
                left join acting
                    on acl.grantee <> 0
                    and pg_has_role(acting.oid, acl.grantee, 'USAGE')
                    and not pg_has_role(acting.oid, routine.proowner, 'USAGE')
                where acl.grantee = 0 or acting.oid is not null
            )
        )
),
writable as (
    select definer.oid, string_agg(distinct format('%I', space.nspname), ', ') as schemas
    from definer
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
from definer
left join writable on writable.oid = definer.oid
where definer.path is null or writable.oid is not null
order by 1
