-- about: Restrictive policies to everybody that name the tenant: nothing permissive can widen them.
-- uses: spoken
select spoken.relid, spoken.command
from spoken
where not spoken.is_permissive and spoken.is_public
    and (
        spoken.tenant_column is null
        or case when spoken.command = 'a' then spoken.check_names_tenant else spoken.using_names_tenant end
    )
