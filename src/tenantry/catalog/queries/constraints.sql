-- about: Primary and foreign keys, unique, check and exclusion constraints of tables.
select
    rule.oid::bigint as oid,
    rule.conname::text as name,
    rule.conrelid::bigint as relation,
    rule.contype::text as kind,
    coalesce(
        (
            select array_agg(attribute.attname::text order by key.position)
            from unnest(rule.conkey) with ordinality as key (number, position)
            join pg_attribute as attribute on attribute.attrelid = rule.conrelid and attribute.attnum = key.number
        ),
        '{}'
    ) as columns,
    rule.confrelid::bigint as target,
    coalesce(
        (
            select array_agg(attribute.attname::text order by key.position)
            from unnest(rule.confkey) with ordinality as key (number, position)
            join pg_attribute as attribute on attribute.attrelid = rule.confrelid and attribute.attnum = key.number
        ),
        '{}'
    ) as target_columns,
    pg_get_constraintdef(rule.oid) as definition,
    coalesce(pg_get_expr(rule.conbin, rule.conrelid), '') as expression,
    case when rule.contype = 'f' then rule.confdeltype::text else '' end as on_delete,
    case when rule.contype = 'f' then rule.confupdtype::text else '' end as on_update,
    rule.condeferrable as is_deferrable,
    rule.conparentid <> 0 as is_inherited,
    exists (
        select from pg_depend as held
        where held.refclassid = 'pg_constraint'::regclass and held.refobjid = rule.oid
            and held.classid in ('pg_rewrite'::regclass, 'pg_proc'::regclass)
    ) as is_relied_on
from pg_constraint as rule
join pg_class as class on class.oid = rule.conrelid
join pg_namespace as space on space.oid = class.relnamespace
where rule.contype in ('p', 'f', 'u', 'c', 'x')
    and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by rule.conrelid, rule.conname
