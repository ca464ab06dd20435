-- title: A policy needs rights that its roles do not have
-- level: warning
-- kind: broken
-- why: Policies run with the rights of whoever asks: every statement on the table fails with permission
--   denied.
-- fix: Grant the right, or move the look-up into a security definer function.
-- uses: asker, policy
with meets as (
    select policy.*, asker.oid as asker, asker.name as asker_name
    from policy
    join asker on asker.oid <> 0 and (
        policy.is_public
        or exists (select from unnest(policy.roles) as target (oid) where pg_has_role(asker.oid, target.oid, 'USAGE'))
    )
    where policy.relrowsecurity
        and (
            has_any_column_privilege(asker.oid, policy.relid, 'SELECT, INSERT, UPDATE')
            or has_table_privilege(asker.oid, policy.relid, 'DELETE')
        )
        and not exists (select from pg_roles as role where role.oid = asker.oid and role.rolbypassrls)
),
missing as (
    select
        meets.relation, meets.polname, meets.asker_name,
        format('select on %I.%I', space.nspname, class.relname) as needed
    from meets
    join pg_depend as used on used.classid = 'pg_policy'::regclass and used.objid = meets.oid
        and used.refclassid = 'pg_class'::regclass and used.refobjid <> meets.relid
    join pg_class as class on class.oid = used.refobjid and class.relkind in ('r', 'p', 'v', 'm', 'f')
    join pg_namespace as space on space.oid = class.relnamespace
    where not case
            when used.refobjsubid > 0 then has_column_privilege(
                meets.asker, class.oid, used.refobjsubid::smallint, 'SELECT'
            )
            else has_any_column_privilege(meets.asker, class.oid, 'SELECT')
        end
    union
    select
        meets.relation, meets.polname, meets.asker_name,
        format('execute on %I.%I(%s)', space.nspname, proc.proname, pg_get_function_identity_arguments(proc.oid))
    from meets
    join pg_depend as used on used.classid = 'pg_policy'::regclass and used.objid = meets.oid
        and used.refclassid = 'pg_proc'::regclass
    join pg_proc as proc on proc.oid = used.refobjid
    join pg_namespace as space on space.oid = proc.pronamespace
    where not has_function_privilege(meets.asker, proc.oid, 'EXECUTE')
)
select
    missing.relation as object,
    missing.relation as relation,
    string_agg(distinct missing.asker_name, ', ' order by missing.asker_name) as role,
    format(
        'Policies %s of %s need %s, which %s lacks: its statements on %s fail.',
        string_agg(distinct quote_ident(missing.polname), ', ' order by quote_ident(missing.polname)), missing.relation,
        string_agg(distinct missing.needed, ' and ' order by missing.needed),
        string_agg(distinct missing.asker_name, ', ' order by missing.asker_name), missing.relation
    ) as detail,
    string_agg(distinct format('grant %s to %s;', missing.needed, missing.asker_name), ' ') as fix
from missing
group by missing.relation
order by 1
