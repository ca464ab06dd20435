-- about: Which relations each view's query, and each rule, names directly.
select distinct rewrite.ev_class::bigint as relation, dependency.refobjid::bigint as used
from pg_rewrite as rewrite
join pg_class as class on class.oid = rewrite.ev_class
join pg_namespace as space on space.oid = class.relnamespace
join pg_depend as dependency on dependency.classid = 'pg_rewrite'::regclass and dependency.objid = rewrite.oid
where dependency.refclassid = 'pg_class'::regclass
    and dependency.deptype = 'n'
    and dependency.refobjid <> rewrite.ev_class
    and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by 1, 2
