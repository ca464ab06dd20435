-- about: What roles and databases set at the start of a session.
select
    setting.setrole::bigint as role,
    setting.setdatabase::bigint as database,
    split_part(entry, '=', 1) as name,
    substr(entry, strpos(entry, '=') + 1) as value
from pg_db_role_setting as setting
cross join unnest(setting.setconfig) as entry
where setting.setdatabase in (0, (select oid from pg_database where datname = current_database()))
order by 1, 2, 3
