-- about: Rewrite rules other than the one that makes a view a view.
select rewrite.rulename::text as name, rewrite.ev_class::bigint as relation, pg_get_ruledef(rewrite.oid) as definition
from pg_rewrite as rewrite
join pg_class as class on class.oid = rewrite.ev_class
join pg_namespace as space on space.oid = class.relnamespace
where rewrite.rulename <> '_RETURN' and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by 2, 1
