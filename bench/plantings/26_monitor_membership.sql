-- about: the application may watch what all sessions run, values included
-- expect: authenticated, pg_monitor
-- fault: pg_monitor membership
-- topic: monitor|read_all_stats|pg_stat

grant pg_monitor to authenticated;

-- proof as authenticated:
select exists (select from pg_stat_activity where usename = 'postgres' and query like '%SECRET literal%');
