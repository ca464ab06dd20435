-- title: A policy never looks at the row
-- level: warning
-- kind: weakness
-- why: Its condition is the same for every row: whoever meets it reaches rows of all tenants.
-- fix: Compare a column of the row, above all the tenant, with the context; look for a column that was
--   meant to be this table's.
-- uses: spoken, floor
select
    spoken.relation as object,
    spoken.relation as relation,
    null::text as role,
    format(
        'Policy %I of %s (%s) names no column of %s, so whoever meets it may %s the rows of every tenant.',
        spoken.polname, spoken.relation, left(coalesce(spoken.using_text, spoken.check_text), 120), spoken.relation,
        case spoken.command when 'r' then 'read' when 'a' then 'add to' when 'w' then 'change' when 'd' then 'delete'
            else 'read and change' end
    ) as detail,
    null::text as fix
from spoken
where spoken.is_permissive and spoken.meets_app and spoken.relrowsecurity
    -- why: true and false are other lints' business
    and coalesce(spoken.using_plain, spoken.check_plain) not in ('true', 'false')
    and not exists (
        select from pg_depend as used
        where used.classid = 'pg_policy'::regclass and used.objid = spoken.oid
            and used.refclassid = 'pg_class'::regclass and used.refobjid = spoken.relid and used.refobjsubid > 0
    )
    -- a row handed over whole leaves no trace of its columns
    and strpos(
        coalesce(spoken.using_plain, '') || coalesce(spoken.check_plain, ''), quote_ident(spoken.relname) || '.*'
    ) = 0
    -- inner.a = inner.b: T61 says what happened there
    and coalesce(spoken.using_plain, '') || ' ' || coalesce(spoken.check_plain, '')
        !~ '(\m[\w"]+\.)[\w"]+\)?(?:::[\w ]+)? = \(?\1[\w"]+'
    and not exists (
        select from floor where floor.relid = spoken.relid and floor.command in (spoken.command, '*')
    )
order by 1, spoken.polname
