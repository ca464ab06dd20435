-- about: Sessions in whose way a lock on a relation would be, for longer than it is asked for: they hold one of the
--   modes, or wait for one, in a transaction that has lasted some time already.
select
    activity.pid as process,
    coalesce(nullif(activity.application_name, ''), 'without a name') as application,
    coalesce(round(extract(epoch from clock_timestamp() - activity.xact_start)), 0)::int as seconds
from pg_catalog.pg_locks as held
join pg_catalog.pg_stat_activity as activity on activity.pid = held.pid
where held.relation = pg_catalog.to_regclass(%(relation)s)
    and held.mode = any (%(modes)s::text[])
    and clock_timestamp() - activity.xact_start > make_interval(secs => %(asked_s)s)
    and held.database = (
        select database.oid from pg_catalog.pg_database as database where database.datname = current_database()
    )
group by activity.pid, activity.application_name, activity.xact_start
order by seconds desc
