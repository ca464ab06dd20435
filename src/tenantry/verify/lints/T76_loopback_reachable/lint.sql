-- title: An application role may open connections from inside the server
-- level: warning
-- kind: weakness
-- why: A connection back into the database runs as the role that is stored for it, so its rows come past the asker's
--   policies.
-- fix: Revoke the functions and the use of the server from the application's roles; drop mappings they do not need.
-- uses: acting
with dialler as (
    select
        format('%I.%I(%s)', space.nspname, routine.proname, pg_get_function_identity_arguments(routine.oid)) as name,
        routine.pronamespace,
        extension.extname,
        acl.grantee
    from pg_extension as extension
    join pg_depend as link
        on link.refclassid = 'pg_extension'::regclass
        and link.refobjid = extension.oid
        and link.classid = 'pg_proc'::regclass
        and link.deptype = 'e'
    join pg_proc as routine on routine.oid = link.objid
    join pg_namespace as space on space.oid = routine.pronamespace
    cross join lateral aclexplode(coalesce(routine.proacl, acldefault('f', routine.proowner))) as acl
    where extension.extname = 'dblink'
        and routine.proname in ('dblink', 'dblink_connect', 'dblink_connect_u', 'dblink_exec')
        and acl.grantee <> routine.proowner
),
dials as (
    select
        case when dialler.grantee = 0 then 'public' else acting.name end as role,
        dialler.name,
        format(
            'revoke execute on function %s from %s;',
            dialler.name,
            case when dialler.grantee = 0 then 'public' else format('%I', pg_get_userbyid(dialler.grantee)) end
        ) as fix
    from dialler
    join acting
        on (dialler.grantee = 0 or pg_has_role(acting.oid, dialler.grantee, 'USAGE'))
        and has_schema_privilege(acting.oid, dialler.pronamespace, 'USAGE')
),
mapped as (
    select
        server.srvname,
        acting.name as role,
        coalesce(
            (
                select bool_or(
                    split_part(option.text, '=', 2) in ('', 'localhost', '127.0.0.1', '::1')
                    or option.text like 'host=/%'
                )
                from unnest(server.srvoptions) as option (text)
                where option.text like 'host=%' or option.text like 'hostaddr=%'
            ),
            true
        ) as is_here
    from pg_user_mappings as mapping
    join pg_foreign_server as server on server.oid = mapping.srvid
    join pg_foreign_data_wrapper as wrapper on wrapper.oid = server.srvfdw
    join acting on mapping.umuser in (0, acting.oid)
    where wrapper.fdwname in ('postgres_fdw', 'dblink_fdw') and has_server_privilege(acting.oid, server.oid, 'USAGE')
)
select
    dials.role as object,
    null::text as relation,
    dials.role as role,
    format(
        '%s may open connections from the database server with dblink, to this server or to others it reaches.',
        case when dials.role = 'public' then 'Every role' else format('%I', dials.role) end
    ) as detail,
    string_agg(distinct dials.fix, ' ' order by dials.fix) as fix
from dials
group by dials.role
union all
select
    quote_ident(mapped.srvname),
    null,
    mapped.role,
    format(
        '%I may use the server %I%s with a stored login: a temporary foreign table or dblink reads whatever that login '
        'may.',
        mapped.role, mapped.srvname, case when mapped.is_here then ', which is this host,' else '' end
    ),
    format('revoke usage on foreign server %I from %I;', mapped.srvname, mapped.role)
from mapped
order by 1, 3
