-- title: An application role sees what other sessions do
-- level: note
-- kind: weakness
-- why: Statements of other sessions hold other tenants' values; the monitoring roles show them all.
-- fix: Give monitoring a role of its own and take the membership from the application's role.
-- uses: acting
select
    format('%I', acting.name) as object,
    null::text as relation,
    acting.name as role,
    format(
        '%I is a member of %s: it sees other sessions'' statements, or the server''s settings.',
        acting.name, string_agg(given.rolname, ', ' order by given.rolname)
    ) as detail,
    (
        select string_agg(distinct format('revoke %I from %I;', door.rolname, acting.name), ' ')
        from pg_auth_members as member
        join pg_roles as door on door.oid = member.roleid
        where member.member = acting.oid
            and exists (
                select from unnest(array_agg(given.oid)) as wanted (oid)
                where wanted.oid = door.oid or pg_has_role(door.oid, wanted.oid, 'MEMBER')
            )
    ) as fix
from acting
join pg_roles as given
    on given.rolname in (
        'pg_monitor', 'pg_read_all_stats', 'pg_read_all_settings', 'pg_stat_scan_tables'
    )
    and given.oid <> acting.oid
    and (
        pg_has_role(acting.oid, given.oid, 'USAGE')
        or pg_has_role(
            acting.oid, given.oid,
            -- why: SET is asked for by name only since 16; before, every membership allows SET ROLE
            case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end
        )
    )
group by acting.oid, acting.name
order by 1
