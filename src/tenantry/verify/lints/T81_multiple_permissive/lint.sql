-- title: Several permissive policies are evaluated for one command
-- level: note
-- kind: hygiene
-- why: Each is evaluated for every row; one policy with or says the same and shows at a glance what is
--   open.
-- fix: Join them into one policy for each role and command.
-- uses: policy, verb
with side_by_side as (
    select policy.relation, verb.word, target.oid, array_agg(policy.polname order by policy.polname) as policies
    from policy
    cross join lateral unnest(policy.roles) as target (oid)
    join verb on policy.command in (verb.command, '*')
    where policy.is_permissive
    group by policy.relation, verb.word, target.oid
    having count(*) > 1
)
select
    side_by_side.relation as object,
    side_by_side.relation as relation,
    null::text as role,
    format(
        '%s has several permissive policies (%s) for %s of the same role.',
        side_by_side.relation,
        string_agg(distinct quote_ident(member.polname), ', ' order by quote_ident(member.polname)),
        string_agg(distinct side_by_side.word, ', ' order by side_by_side.word)
    ) as detail,
    null::text as fix
from side_by_side
cross join lateral unnest(side_by_side.policies) as member (polname)
group by side_by_side.relation
order by 1
