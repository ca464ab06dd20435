-- about: What is said where a policy is decided: its own expressions, and the source of every routine it reaches.
-- uses: policy, root, reach, routine
select policy.oid as policy, policy.relation, side.text, null::text as signature
from policy
cross join lateral (values (policy.using_text), (policy.check_text)) as side (text)
union
select root.policy, policy.relation, routine.source, routine.signature
from root
join policy on policy.oid = root.policy
join reach on reach.root = root.oid
join routine on routine.oid = reach.routine
