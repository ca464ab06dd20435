-- about: The functions that stand in a policy's own expressions.
select distinct used.objid as policy, used.refobjid as oid
from pg_depend as used
where used.classid = 'pg_policy'::regclass and used.refclassid = 'pg_proc'::regclass
