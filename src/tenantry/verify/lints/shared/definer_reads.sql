-- about: Which tenants' tables such a function works on, by what its source says.
-- uses: callable_definer, owned
select distinct definer.oid, owned.relid
from callable_definer as definer
cross join lateral regexp_matches(
    replace(lower(definer.source), '"', ''),
    '\m(?:from|join|update|into|only|using)\s+(?:(\w+)\.)?(\w+)', 'g'
) as word (part)
join owned on lower(owned.relname) = word.part[2]
    and (word.part[1] is null or word.part[1] = lower(owned.nspname))
