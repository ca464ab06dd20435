-- title: A function reaches outside the database
-- level: note
-- kind: weakness
-- why: What it does elsewhere is not rolled back and not held by row security; the attacks leave it alone, so look at
--   it yourself.
-- fix: Let only the roles that need it execute it; check what it sends and where.
-- uses: source_text
with reaching as (
    select
        source.name,
        case
            when not language.lanpltrusted
            then format('is written in %I, which can do anything the server can', language.lanname)
            when source.text ~* $re$\mcopy\M[^;]*\mprogram\M$re$
            then 'runs a program on the server'
            when source.text ~* $re$\mdblink(_connect|_connect_u|_exec|_send_query)?\s*\($re$
            then 'opens connections with dblink'
            when source.text ~* $re$\mhttp_(get|post|put|patch|delete|head)\s*\(|\mhttp\s*\(\s*\($re$
            then 'sends web requests'
        end as reach
    from source_text as source
    join pg_proc as routine on routine.oid = source.oid
    join pg_language as language on language.oid = routine.prolang
    where language.lanname <> 'internal'
)
select
    reaching.name as object,
    null::text as relation,
    null::text as role,
    format('%s %s; no attack calls it.', reaching.name, reaching.reach) as detail,
    null::text as fix
from reaching
where reaching.reach is not null
order by 1
