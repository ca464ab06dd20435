-- about: Permissive policies that let the application pass whatever the row is.
-- uses: policy, owned, floor, asker
select policy.*, owned.relid is not null as is_owned, owned.is_tenant_table, owned.tenant_column
from policy
left join owned on owned.relid = policy.relid
where policy.is_permissive and policy.meets_app and policy.relrowsecurity
    and coalesce(case when policy.command = 'a' then policy.check_plain else policy.using_plain end, 'true')
        ~ '^\(?(true|1 = 1|\(1 = 1\))\)?$'
    and not exists (
        select from floor where floor.relid = policy.relid and floor.command in (policy.command, '*')
    )
    and exists (
        select from asker
        where case policy.command
            when 'r' then has_any_column_privilege(asker.oid, policy.relid, 'SELECT')
            when 'a' then has_any_column_privilege(asker.oid, policy.relid, 'INSERT')
            when 'w' then has_any_column_privilege(asker.oid, policy.relid, 'UPDATE')
            when 'd' then has_table_privilege(asker.oid, policy.relid, 'DELETE')
            else has_any_column_privilege(asker.oid, policy.relid, 'SELECT, INSERT, UPDATE')
                or has_table_privilege(asker.oid, policy.relid, 'DELETE')
        end
    )
