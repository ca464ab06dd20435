-- about: Functions and procedures outside the server's own schemas.
select
    routine.oid::bigint as oid,
    space.nspname::text as schema,
    routine.proname::text as name,
    format('%I.%I(%s)', space.nspname, routine.proname, pg_get_function_identity_arguments(routine.oid)) as title,
    routine.proowner::bigint as owner,
    routine.prokind::text as kind,
    language.lanname::text as language,
    language.lanpltrusted as is_trusted,
    routine.prosecdef as is_definer,
    routine.proleakproof as is_leakproof,
    routine.provolatile::text as volatility,
    format_type(routine.prorettype, null) as returns,
    routine.proretset as returns_set,
    pg_get_function_identity_arguments(routine.oid) as arguments,
    array(
        select format_type(argument.oid, null)
        from unnest(routine.proargtypes) with ordinality as argument (oid, position)
        order by argument.position
    ) as argument_types,
    coalesce(routine.proargnames, '{}') as argument_names,
    routine.pronargs::int as input_count,
    routine.pronargdefaults::int as default_count,
    coalesce(routine.proconfig, '{}') as settings,
    coalesce(routine.prosrc, '') || coalesce(pg_get_function_sqlbody(routine.oid), '') as source,
    routine.prosqlbody is not null as has_parsed_body,
    case when routine.prokind in ('f', 'p') then pg_get_functiondef(routine.oid) else '' end as definition,
    coalesce(extension.extname, '')::text as extension
from pg_proc as routine
join pg_namespace as space on space.oid = routine.pronamespace
join pg_language as language on language.oid = routine.prolang
left join pg_depend as member
    on member.classid = 'pg_proc'::regclass and member.objid = routine.oid
    and member.refclassid = 'pg_extension'::regclass and member.deptype = 'e'
left join pg_extension as extension on extension.oid = member.refobjid
where space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by space.nspname, routine.proname, routine.oid
