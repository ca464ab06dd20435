-- about: Which routine calls which, by what its source says.
-- uses: routine
-- materialized: sources are searched once
select distinct caller.oid as caller, callee.oid as callee
from routine as caller
cross join lateral regexp_matches(
    replace(lower(caller.source), '"', ''), '(?:(\w+)\.)?(\w+)\s*\(', 'g'
) as call (part)
join routine as callee
    on lower(callee.proname) = call.part[2]
    and (call.part[1] is null or lower(callee.nspname) = call.part[1])
