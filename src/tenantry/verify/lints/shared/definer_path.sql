-- about: Functions with their owner's rights that somebody else may run, with the search path they set.
-- uses: acting
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
