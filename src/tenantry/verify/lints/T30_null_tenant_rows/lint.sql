-- title: Rows without a tenant are open to every tenant
-- level: warning
-- kind: weakness
-- why: A row that lost its tenant, or never got one, is shown to everybody by this policy.
-- fix: Keep shared rows in a table of their own, make the tenant column not null, and drop the condition.
-- uses: owned, policy, floor
select
    policy.relation as object,
    policy.relation as relation,
    null::text as role,
    format(
        'Policies %s of %s let every tenant meet rows whose %I is null, and the column may be null.',
        string_agg(distinct quote_ident(policy.polname), ', ' order by quote_ident(policy.polname)), policy.relation,
        owned.tenant_column
    ) as detail,
    null::text as fix
from policy
join owned on owned.relid = policy.relid
join pg_attribute as tenant
    on tenant.attrelid = owned.relid and tenant.attname = owned.tenant_column and not tenant.attnotnull
cross join lateral (
    select regexp_replace(quote_ident(owned.tenant_column), '([^[:alnum:]_])', '\\\1', 'g') as name
) as quoted
cross join lateral (values (policy.using_plain), (policy.check_plain)) as side (plain)
where policy.is_permissive and policy.meets_app
    and not exists (select from floor where floor.relid = policy.relid and floor.command in (policy.command, '*'))
    and side.plain ~ format('\(%1$s IS NULL\) OR| OR \(%1$s IS NULL\)|^\(%1$s IS NULL\)$', quoted.name)
group by policy.relation, owned.tenant_column
order by 1
