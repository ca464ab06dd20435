-- title: An application role may stream all changes
-- level: warning
-- kind: weakness
-- why: REPLICATION reads the log of every table of the cluster; row security has no say in it.
-- fix: Give replication a role of its own and take the attribute from the application's role.
-- uses: acting
select
    format('%I', acting.name) as object,
    null::text as relation,
    acting.name as role,
    case
        when bool_or(streaming.oid = acting.oid)
        then format(
            '%I has REPLICATION: it may copy the whole cluster and stream every tenant''s changes.', acting.name
        )
        else format(
            '%I may become %s, with REPLICATION: it may copy the whole cluster and stream every tenant''s changes.',
            acting.name, string_agg(format('%I', streaming.rolname), ', ' order by streaming.rolname)
        )
    end as detail,
    case when bool_or(streaming.oid = acting.oid) then format('alter role %I noreplication;', acting.name) end as fix
from acting
join pg_roles as streaming
    on streaming.rolreplication
    and not streaming.rolsuper
    and (
        streaming.oid = acting.oid
        -- why: SET is asked for by name only since 16; before, every membership allows SET ROLE
        or pg_has_role(
            acting.oid, streaming.oid,
            case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end
        )
    )
group by acting.oid, acting.name
order by 1
