-- about: The types columns and domains use, with enum labels and domain checks.
with recursive wanted (oid) as (
    select distinct attribute.atttypid
    from pg_attribute as attribute
    join pg_class as class on class.oid = attribute.attrelid
    join pg_namespace as space on space.oid = class.relnamespace
    where attribute.attnum > 0 and not attribute.attisdropped
        and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
    union
    select inner_type.oid
    from wanted
    join pg_type as type on type.oid = wanted.oid
    join pg_type as inner_type on inner_type.oid in (type.typbasetype, type.typelem)
)
select
    type.oid::bigint as oid,
    format_type(type.oid, null) as name,
    type.typtype::text as kind,
    type.typcategory::text as category,
    (case when type.typtype = 'd' then type.typbasetype else type.typelem end)::bigint as base,
    type.typnotnull as not_null,
    coalesce(
        (
            select array_agg(label.enumlabel::text order by label.enumsortorder)
            from pg_enum as label
            where label.enumtypid = type.oid
        ),
        '{}'
    ) as labels,
    coalesce(
        (
            select array_agg(pg_get_expr(rule.conbin, 0) order by rule.conname)
            from pg_constraint as rule
            where rule.contypid = type.oid and rule.contype = 'c'
        ),
        '{}'
    ) as checks
from wanted
join pg_type as type on type.oid = wanted.oid
order by 1
