-- title: A view passes by row security
-- level: error
-- kind: weakness
-- why: A view without security_invoker reads its tables as the view's owner; where policies do not bind the
--   owner, the view shows every tenant's rows.
-- fix: Make the view a security_invoker view, or revoke it from application roles.
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
view_reads as (
    select distinct rule.ev_class as viewid, used.refobjid as relid
    from pg_rewrite as rule
    join pg_depend as used
        on used.classid = 'pg_rewrite'::regclass and used.objid = rule.oid
        and used.refclassid = 'pg_class'::regclass and used.refobjid <> rule.ev_class
    where rule.ev_type = '1'
),
asking_routine as (
    select proc.oid
    from pg_proc as proc
    where proc.pronamespace <> 'pg_catalog'::regnamespace
        and proc.prosrc ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
),
view as materialized (
    select
        class.oid, class.relowner, format('%I.%I', space.nspname, class.relname) as relation, class.relnamespace,
        exists (
            select from pg_options_to_table(class.reloptions) as option
            where option.option_name = 'security_invoker' and option.option_value::boolean
        ) as is_invoker,
        pg_get_viewdef(class.oid) ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
            or exists (
                select from pg_rewrite as rule
                join pg_depend as used on used.classid = 'pg_rewrite'::regclass and used.objid = rule.oid
                    and used.refclassid = 'pg_proc'::regclass
                join asking_routine on asking_routine.oid = used.refobjid
                where rule.ev_class = class.oid
            ) as asks_who
    from pg_class as class
    join pg_namespace as space on space.oid = class.relnamespace
    where class.relkind = 'v' and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
        and not exists (
            select from pg_depend as member
            where member.classid = 'pg_class'::regclass and member.objid = class.oid and member.deptype = 'e'
        )
),
granted as (
    select view.oid, string_agg(asker.name, ', ' order by asker.name) as roles
    from view
    join asker on has_any_column_privilege(asker.oid, view.oid, 'SELECT')
        and has_schema_privilege(asker.oid, view.relnamespace, 'USAGE')
    group by view.oid
),
walk as (
    -- what a granted view reads, and as whom: a view with definer rights reads as its owner
    select
        view.oid as top, view.oid as relid, view.asks_who,
        case when not view.is_invoker then view.relowner end as reads_as
    from view
    join granted on granted.oid = view.oid
    union
    select
        walk.top, view_reads.relid, walk.asks_who or coalesce(inner_view.asks_who, false),
        case when inner_view.oid is null or inner_view.is_invoker then walk.reads_as else inner_view.relowner end
    from walk
    join view_reads on view_reads.viewid = walk.relid
    left join view as inner_view on inner_view.oid = view_reads.relid
)
select
    view.relation as object,
    view.relation as relation,
    granted.roles as role,
    format(
        'View %s reads %s as %s, whom the policies there do not bind, and %s may select from it.',
        view.relation,
        string_agg(distinct owned.relation, ', ' order by owned.relation),
        string_agg(distinct format('%I', reader.rolname), ', '),
        granted.roles
    ) as detail,
    format('alter view %s set (security_invoker = true);', view.relation) as fix
from walk
join owned on owned.relid = walk.relid
join pg_roles as reader on reader.oid = walk.reads_as
join view on view.oid = walk.top
join granted on granted.oid = walk.top
where not walk.asks_who
    and (
        reader.rolsuper or reader.rolbypassrls
        or pg_has_role(reader.oid, owned.relowner, 'USAGE')
        and not (owned.relrowsecurity and owned.relforcerowsecurity)
    )
group by view.relation, granted.roles
order by 1
