-- title: One of several permissive policies does not name the tenant
-- level: warning
-- kind: weakness
-- why: Permissive policies are joined with or, so rows that meet the one without the tenant are open to
--   every tenant.
-- fix: Name the tenant in that policy too, or put a restrictive floor to public under all of them.
-- uses: permits
select
    permits.relation as object,
    permits.relation as relation,
    null::text as role,
    format(
        'Policy %I of %s names neither %I nor whoever asks, so it opens rows of every tenant to %s that the other '
        'policies keep apart.',
        permits.polname, permits.relation, permits.tenant_column, string_agg(distinct permits.word, ' and ')
    ) as detail,
    null::text as fix
from permits
where not permits.names_tenant
    and permits.plain not in ('true', 'false')
    and permits.plain !~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
    and not exists (
        -- a function or another table may know who asks
        select from pg_depend as used
        where used.classid = 'pg_policy'::regclass and used.objid = permits.oid
            and (
                used.refclassid = 'pg_proc'::regclass
                or used.refclassid = 'pg_class'::regclass and used.refobjid <> permits.relid
            )
    )
    and exists (
        select from permits as tenanted
        where tenanted.relid = permits.relid and tenanted.asker = permits.asker and tenanted.verb = permits.verb
            and tenanted.names_tenant
    )
group by permits.relation, permits.polname, permits.tenant_column
order by 1, permits.polname
