-- title: Functions with their owner's rights see temporary tables first
-- level: note
-- kind: weakness
-- why: Where pg_temp is not named last in the path it is searched first: a temporary table of the caller stands in
--   front of the real one.
-- fix: End the function's search_path with pg_temp, or set it to '' and write names with their schema.
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
)
select
    format('%I', definer.nspname) as object,
    null::text as relation,
    null::text as role,
    format(
        '%s security definer functions in schema %I have a search_path without pg_temp at its end, so a caller''s temporary tables hide the real ones: %s%s.',
        count(*), definer.nspname,
        array_to_string((array_agg(definer.name order by definer.name))[1:10], ', '),
        case when count(*) > 10 then ', and more' else '' end
    ) as detail,
    case
        when count(*) <= 10
        then string_agg(
            format('alter routine %s set search_path = %s, pg_temp;', definer.oid::regprocedure, definer.path), ' '
            order by definer.name
        )
    end as fix
from definer
cross join lateral (
    select array_agg(btrim(part.name, ' "')) as names
    from unnest(string_to_array(definer.path, ',')) as part (name)
) as path
where not 'pg_temp' = any(path.names)
    -- why: with an empty path, or the system's alone, names carry their schema
    and exists (select from unnest(path.names) as part (name) where part.name not in ('', 'pg_catalog'))
group by definer.nspname
order by 1
