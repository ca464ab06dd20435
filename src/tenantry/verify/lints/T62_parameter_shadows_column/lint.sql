-- title: A parameter hides behind a column of the same name
-- level: warning
-- kind: weakness
-- why: In an SQL function a bare name means the column first: the comparison is of the column with itself
--   and true for every row.
-- fix: Rename the parameter, or write function_name.parameter.
-- uses: routine
with shadowed as (
    select distinct
        routine.signature, parameter.name as parameter, format('%I.%I', space.nspname, class.relname) as relation
    from routine
    cross join lateral unnest(routine.proargnames) with ordinality as parameter (name, position)
    cross join lateral regexp_matches(
        replace(lower(routine.source), '"', ''), '\m(?:from|join|update)\s+(?:only\s+)?(?:(\w+)\.)?(\w+)', 'g'
    ) as word (part)
    join pg_class as class on lower(class.relname) = word.part[2] and class.relkind in ('r', 'p', 'v', 'm', 'f')
    join pg_namespace as space on space.oid = class.relnamespace
        and space.nspname !~ '^pg_' and space.nspname <> 'information_schema'
        and (word.part[1] is null or lower(space.nspname) = word.part[1])
    join pg_attribute as attribute
        on attribute.attrelid = class.oid and attribute.attname = parameter.name and not attribute.attisdropped
    where routine.lanname = 'sql' and not routine.is_atomic and parameter.name <> ''
        and coalesce(routine.proargmodes[parameter.position::integer], 'i') in ('i', 'b', 'v')
        and parameter.name ~ '^[a-z_][a-z0-9_]*$'
        and lower(routine.source) ~ format('(?:^|[^\w.])(?:\w+\.)?%1$s\s*=\s*%1$s(?:$|[^\w.(])', parameter.name)
)
select
    shadowed.signature as object,
    null::text as relation,
    null::text as role,
    format(
        'Function %s compares %s.%I with itself where its parameter %I was meant, so the argument decides nothing.',
        shadowed.signature, string_agg(shadowed.relation, ', ' order by shadowed.relation), shadowed.parameter,
        shadowed.parameter
    ) as detail,
    null::text as fix
from shadowed
group by shadowed.signature, shadowed.parameter
order by 1, shadowed.parameter
