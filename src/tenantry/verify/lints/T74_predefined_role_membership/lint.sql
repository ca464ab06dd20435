-- title: An application role holds a role of the server's administration
-- level: warning
-- kind: weakness
-- why: Predefined roles reach past grants: every table without row security, every session, every lock.
-- fix: Take the membership from the application's role and grant what it needs by name.
-- uses: acting
select
    format('%I', acting.name) as object,
    null::text as relation,
    acting.name as role,
    format(
        '%I is a member of %s, which acts on all tables or all sessions, whatever was granted.',
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
        'pg_read_all_data', 'pg_write_all_data', 'pg_signal_backend', 'pg_maintain', 'pg_checkpoint',
        'pg_create_subscription', 'pg_signal_autovacuum_worker'
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
