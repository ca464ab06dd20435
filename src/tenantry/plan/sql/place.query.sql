-- about: Which server and database this is, and what time it is there.
select
    control.system_identifier::text as system_identifier,
    current_database()::text as database,
    current_setting('server_version_num')::int as version_num,
    clock_timestamp() as now
from pg_catalog.pg_control_system() as control
