-- title: A role that logs in owns the table and is not bound by its policies
-- level: warning
-- kind: weakness
-- why: Whoever connects as the owner, or as a member of it, reads and writes every tenant's rows: policies
--   do not apply to owners.
-- fix: Force row security, and let the application connect as a role that owns nothing.
-- uses: reachable_owner, unforced
select
    unforced.relation as object,
    unforced.relation as relation,
    owner.rolname::text as role,
    format(
        'Row security of %s does not bind its owner %I, and %s can connect with the rights of %I.',
        unforced.relation, owner.rolname,
        (
            select string_agg(format('%I', login.rolname), ', ' order by login.rolname)
            from (
                select login.rolname from pg_roles as login
                where login.rolcanlogin and not login.rolsuper and pg_has_role(login.oid, owner.oid, 'MEMBER')
                order by 1 limit 5
            ) as login
        ),
        owner.rolname
    ) as detail,
    format('alter table %s force row level security;', unforced.relation) as fix
from unforced
join pg_roles as owner on owner.oid = unforced.relowner
where unforced.relowner in (select exposed.oid from reachable_owner as exposed)
order by 1
