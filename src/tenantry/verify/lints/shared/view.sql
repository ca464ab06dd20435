-- about: Every view, with whether it reads with its caller's rights and whether it asks who calls.
-- uses: asking_routine
-- materialized: definitions are read from the catalog once
select
    class.oid, class.relowner, format('%I.%I', space.nspname, class.relname) as relation, class.relnamespace,
    exists (
        select from pg_options_to_table(class.reloptions) as option
        where option.option_name = 'security_invoker' and option.option_value::boolean
    ) as is_invoker,
    pg_get_viewdef(class.oid) ~* 'current_setting\s*\(|current_user|session_user|\mauth\.(uid|jwt|role|email)\s*\('
        or exists (
            select from pg_rewrite as rule
            join pg_depend as used on used.classid = 'pg_rewrite'::regclass and used.objid = rule.oid
                and used.refclassid = 'pg_proc'::regclass
            join asking_routine on asking_routine.oid = used.refobjid
            where rule.ev_class = class.oid
        ) as asks_who
from pg_class as class
join pg_namespace as space on space.oid = class.relnamespace
where class.relkind = 'v' and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
    and not exists (
        select from pg_depend as member
        where member.classid = 'pg_class'::regclass and member.objid = class.oid and member.deptype = 'e'
    )
