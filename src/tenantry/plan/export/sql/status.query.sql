-- about: Notes how far a plan is; nothing where it says so already.
update tenantry.plan as plan
set status = %(status)s, ended_at = case when %(status)s = 'running' then null else pg_catalog.now() end
where plan.number = (
    select pg_catalog.max(latest.number) from tenantry.plan as latest
    where latest.digest = %(digest)s and latest.status <> 'undone'
) and plan.status <> %(status)s;
