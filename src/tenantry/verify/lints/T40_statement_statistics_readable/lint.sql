-- title: An application role reads what statements were run
-- level: note
-- kind: weakness
-- why: Tenants share the application's role, and statistics of statements are kept by role: one tenant's session reads
--   the statements of all, with their names, counts and times, and the values of those that are kept as they were sent.
-- fix: Revoke SELECT on the statistics from PUBLIC and the application's roles; give monitoring a role of its own.
-- uses: acting, source_text
with shown as (
    select
        acting.name as role,
        format('%I.%I', space.nspname, class.relname) as name,
        format('table %I.%I', space.nspname, class.relname) as revoked,
        'select' as privilege,
        'read' as verb,
        'which keeps the statements of all sessions of a role' as what
    from pg_class as class
    join pg_namespace as space on space.oid = class.relnamespace
    join acting
        on has_schema_privilege(acting.oid, class.relnamespace, 'USAGE')
        and has_any_column_privilege(acting.oid, class.oid, 'SELECT')
        and not pg_has_role(acting.oid, class.relowner, 'USAGE')
    where class.relkind in ('v', 'm', 'r', 'f')
        and (
            class.relname in (
                'pg_stat_statements', 'pg_stat_monitor', 'pg_store_plans', 'pg_qualstats', 'pg_qualstats_all',
                'pg_qualstats_by_query', 'pg_qualstats_example_queries'
            )
            -- why: a plain view is shown what its reader may see, a materialised one what its owner saw
            or class.relkind = 'm' and exists (
                select from pg_rewrite as rule
                join pg_depend as link
                    on link.classid = 'pg_rewrite'::regclass
                    and link.objid = rule.oid
                    and link.refclassid = 'pg_class'::regclass
                join pg_class as source on source.oid = link.refobjid
                where rule.ev_class = class.oid
                    and source.relname in ('pg_stat_activity', 'pg_stat_statements', 'pg_stat_monitor')
            )
        )
    union
    select
        acting.name,
        source_text.name,
        format('function %s', source_text.name),
        'execute',
        'call',
        format('which reads what sessions do with the rights of %I', owner.rolname)
    from source_text
    join pg_proc as routine on routine.oid = source_text.oid and routine.prosecdef and routine.prokind = 'f'
    join pg_roles as owner on owner.oid = routine.proowner
    join acting
        on has_schema_privilege(acting.oid, routine.pronamespace, 'USAGE')
        and has_function_privilege(acting.oid, routine.oid, 'EXECUTE')
        and not pg_has_role(acting.oid, owner.oid, 'USAGE')
    where (owner.rolsuper or pg_has_role(owner.oid, 'pg_read_all_stats', 'USAGE'))
        and source_text.text ~* '\m(pg_stat_activity|pg_stat_get_activity|pg_stat_statements|pg_stat_monitor)\M'
)
select
    shown.name as object,
    null::text as relation,
    null::text as role,
    format(
        '%s may %s %s, %s.',
        string_agg(distinct format('%I', shown.role), ', ' order by format('%I', shown.role)),
        shown.verb, shown.name, shown.what
    ) as detail,
    format(
        'revoke %s on %s from public, %s;', shown.privilege, shown.revoked,
        string_agg(distinct format('%I', shown.role), ', ' order by format('%I', shown.role))
    ) as fix
from shown
group by shown.name, shown.verb, shown.what, shown.privilege, shown.revoked
order by 1
