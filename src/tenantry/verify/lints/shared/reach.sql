-- about: The routines that run when a policy calls a function: it, and what it calls in turn.
-- uses: root, routine, calls
select distinct root.oid as root, root.oid as routine from root join routine on routine.oid = root.oid
union
select reach.root, calls.callee
from reach
join calls on calls.caller = reach.routine
