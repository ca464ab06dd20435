-- about: Which view reads which relation.
select distinct rule.ev_class as viewid, used.refobjid as relid
from pg_rewrite as rule
join pg_depend as used
    on used.classid = 'pg_rewrite'::regclass and used.objid = rule.oid
    and used.refclassid = 'pg_class'::regclass and used.refobjid <> rule.ev_class
where rule.ev_type = '1'
