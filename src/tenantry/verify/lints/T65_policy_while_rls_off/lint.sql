-- title: A table has policies, and row security is off
-- level: warning
-- kind: weakness
-- why: Policies do nothing until row security is switched on for their table.
-- fix: Enable and force row security, or drop the policies.
-- uses: policy
select
    policy.relation as object,
    policy.relation as relation,
    null::text as role,
    format(
        '%s has policies (%s) that do nothing, because row security is off there.',
        policy.relation, string_agg(quote_ident(policy.polname), ', ' order by policy.polname)
    ) as detail,
    format(
        'alter table %1$s enable row level security; alter table %1$s force row level security;', policy.relation
    ) as fix
from policy
where not policy.relrowsecurity
group by policy.relation
order by 1
