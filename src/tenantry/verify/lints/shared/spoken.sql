-- about: The policies of tenants' tables, with whether each expression names the row's own tenant.
-- uses: policy, owned
-- materialized: expressions are searched once
select
    policy.*, owned.tenant_column, owned.is_tenant_table,
    coalesce(policy.using_plain ~ pattern.names_tenant, false) as using_names_tenant,
    coalesce(policy.check_plain ~ pattern.names_tenant, false) as check_names_tenant
from policy
join owned on owned.relid = policy.relid
cross join lateral (
    select
        regexp_replace(quote_ident(owned.tenant_column), '([^[:alnum:]_])', '\\\1', 'g') as tenant,
        regexp_replace(quote_ident(owned.relname), '([^[:alnum:]_])', '\\\1', 'g') as itself
) as quoted
cross join lateral (
    -- why: the row's own columns stand bare outside sub-selects and behind the table's name inside them
    select format(
        '(^|[^\w.":$])%1$s($|[^\w"$(.])|(^|[^\w."])%2$s\.(%1$s($|[^\w"$(])|\*)', quoted.tenant, quoted.itself
    ) as names_tenant
) as pattern
