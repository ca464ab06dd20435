-- title: Functions with their owner's rights see temporary tables first
-- level: note
-- kind: weakness
-- why: Where pg_temp is not named last in the path it is searched first: a temporary table of the caller stands in
--   front of the real one.
-- fix: End the function's search_path with pg_temp, or set it to '' and write names with their schema.
-- uses: definer_path
select
    format('%I', definer.nspname) as object,
    null::text as relation,
    null::text as role,
    format(
        '%s security definer functions in schema %I have a search_path without pg_temp at its end, so a caller''s '
        'temporary tables hide the real ones: %s%s.',
        count(*), definer.nspname,
        array_to_string((array_agg(definer.name order by definer.name))[1:10], ', '),
        case when count(*) > 10 then ', and more' else '' end
    ) as detail,
    case
        when count(*) <= 10
        then string_agg(
            format('alter routine %s set search_path = %s, pg_temp;', definer.oid::regprocedure, definer.path), ' '
            order by definer.name
        )
    end as fix
from definer_path as definer
cross join lateral (
    select array_agg(btrim(part.name, ' "')) as names
    from unnest(string_to_array(definer.path, ',')) as part (name)
) as path
where not 'pg_temp' = any(path.names)
    -- why: with an empty path, or the system's alone, names carry their schema
    and exists (select from unnest(path.names) as part (name) where part.name not in ('', 'pg_catalog'))
group by definer.nspname
order by 1
