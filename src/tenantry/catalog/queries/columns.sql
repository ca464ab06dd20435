-- about: The columns of those relations.
with recursive own_text (type) as (
    select conversion.castsource
    from pg_cast as conversion
    where conversion.casttarget = 'text'::regtype and conversion.castfunc >= 16384
    union
    select domain.oid from own_text join pg_type as domain on domain.typbasetype = own_text.type
)
select
    attribute.attrelid::bigint as relation,
    attribute.attname::text as name,
    attribute.attnum::int as number,
    attribute.atttypid::bigint as type_oid,
    format_type(attribute.atttypid, attribute.atttypmod) as type_name,
    attribute.attnotnull as not_null,
    coalesce(pg_get_expr(fallback.adbin, fallback.adrelid), '') as default,
    attribute.attgenerated::text as generated,
    attribute.attidentity::text as identity,
    attribute.atttypmod as modifier,
    attribute.atttypid in (select own_text.type from own_text) as has_own_text
from pg_attribute as attribute
join pg_class as class on class.oid = attribute.attrelid
join pg_namespace as space on space.oid = class.relnamespace
left join pg_attrdef as fallback on fallback.adrelid = attribute.attrelid and fallback.adnum = attribute.attnum
where attribute.attnum > 0 and not attribute.attisdropped
    and class.relkind in ('r', 'p', 'v', 'm', 'f')
    and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
order by attribute.attrelid, attribute.attnum
