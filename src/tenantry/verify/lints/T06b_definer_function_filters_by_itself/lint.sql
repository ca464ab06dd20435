-- title: Functions with their owner's rights rely on their own tenant condition
-- level: note
-- kind: weakness
-- why: Policies do not bind the owners of these functions. They read the context, but only a run can show
--   that they always compare it.
-- fix: Keep each in the attack run; make those security invoker that need no exemption.
with recursive owned as (
    select
        class.oid as relid, owned.tenant_column, owned.is_tenant_table, owned.is_user_table,
        format('%I.%I', space.nspname, class.relname) as relation, space.nspname, class.relname,
        class.relnamespace, class.relowner, class.relkind, class.relispartition,
        class.relrowsecurity, class.relforcerowsecurity
    from jsonb_to_recordset(%(owned)s::jsonb) as owned (
        relid oid, tenant_column text, is_tenant_table boolean, is_user_table boolean
    )
    join pg_class as class on class.oid = owned.relid
    join pg_namespace as space on space.oid = class.relnamespace
    where class.relkind in ('r', 'p')
),
asker as (
    select role.oid, quote_ident(role.rolname) as name
    from pg_roles as role
    where role.oid = any (%(app_roles)s::oid[]) and not role.rolsuper and not role.rolbypassrls
    union all
    select 0, 'public'  -- how privilege functions know PUBLIC
),
routine as materialized (
    select
        proc.oid, proc.proname, space.nspname, language.lanname, proc.provolatile, proc.prosecdef, proc.proconfig,
        proc.proowner, proc.proargnames, proc.proargmodes, proc.prorettype, proc.prosqlbody is not null as is_atomic,
        format('%I.%I(%s)', space.nspname, proc.proname, pg_get_function_identity_arguments(proc.oid)) as signature,
        regexp_replace(
            case when proc.prosqlbody is null then proc.prosrc else pg_get_function_sqlbody(proc.oid) end,
            '--[^\n]*', '', 'g'
        ) as source
    from pg_proc as proc
    join pg_namespace as space on space.oid = proc.pronamespace
    join pg_language as language on language.oid = proc.prolang
    where proc.prokind in ('f', 'p') and language.lanname not in ('internal', 'c')
        and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
        and not exists (
            select from pg_depend as member
            where member.classid = 'pg_proc'::regclass and member.objid = proc.oid and member.deptype = 'e'
        )
),
definer as (
    select routine.*, string_agg(asker.name, ', ' order by asker.name) as callers
    from routine
    join asker on has_function_privilege(asker.oid, routine.oid, 'EXECUTE')
        and has_schema_privilege(asker.oid, routine.nspname, 'USAGE')
    where routine.prosecdef
        and routine.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    group by routine.oid, routine.proname, routine.nspname, routine.lanname, routine.provolatile, routine.prosecdef, routine.proconfig, routine.proowner, routine.proargnames, routine.proargmodes, routine.prorettype, routine.is_atomic, routine.signature, routine.source
),
calls as materialized (
    select distinct caller.oid as caller, callee.oid as callee
    from routine as caller
    cross join lateral regexp_matches(
        replace(lower(caller.source), '"', ''), '(?:(\w+)\.)?(\w+)\s*\(', 'g'
    ) as call (part)
    join routine as callee
        on lower(callee.proname) = call.part[2]
        and (call.part[1] is null or lower(callee.nspname) = call.part[1])
),
asking as (
    -- functions that ask for the context, or call one that does
    select routine.oid from routine where routine.source ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
    union
    select calls.caller from asking join calls on calls.callee = asking.oid
),
reads as (
    select distinct definer.oid, owned.relid
    from definer
    cross join lateral regexp_matches(
        replace(lower(definer.source), '"', ''),
        '\m(?:from|join|update|into|only|using)\s+(?:(\w+)\.)?(\w+)', 'g'
    ) as word (part)
    join owned on lower(owned.relname) = word.part[2]
        and (word.part[1] is null or word.part[1] = lower(owned.nspname))
),
relying as (
    select distinct definer.signature
    from definer
    join asking on asking.oid = definer.oid
    join reads on reads.oid = definer.oid
    join owned on owned.relid = reads.relid
    join pg_roles as owner on owner.oid = definer.proowner
    where (
        owner.rolsuper or owner.rolbypassrls
        or pg_has_role(owner.oid, owned.relowner, 'USAGE')
        and not (owned.relrowsecurity and owned.relforcerowsecurity)
    )
)
select
    'definer functions' as object,
    null::text as relation,
    null::text as role,
    format(
        '%s functions pass by row security and filter by the context themselves: %s.',
        count(*), array_to_string((array_agg(relying.signature order by relying.signature))[1:10], ', ')
        || case when count(*) > 10 then format(' and %s more', count(*) - 10) else '' end
    ) as detail,
    null::text as fix
from relying
having count(*) > 0
order by 1
