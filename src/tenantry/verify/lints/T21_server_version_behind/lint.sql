-- title: The server lacks fixes of row security
-- level: warning
-- kind: weakness
-- why: Minor releases mend ways around row security; on an older one the best policies do not hold.
-- fix: Install the newest minor release of the server's major version and restart it.
-- Sources: release notes of the 15 line, the February and May 2026 announcements (18.2, 17.8, 16.12 and 18.4, 17.10,
-- 16.14), and trials on 15.18, 15.20, 18.1 and 18.6. Where the release with the fix is not known, open_through
-- names the last one known to be without: 16.14 and 17.10 are older than the reports of August and November 2026.
with repair (cve, line, fixed_in, open_through, what) as (
    values
        ('CVE-2023-2454', 15, 150003, null::integer, 'create schema defeats the search path of functions'),
        ('CVE-2023-2455', 15, 150003, null, 'inlined functions keep another role''s policies'),
        ('CVE-2023-39418', 15, 150004, null, 'merge applies the wrong policies'),
        ('CVE-2024-4317', 15, 150007, null, 'extended statistics of hidden rows are visible'),
        ('CVE-2024-4317', 16, 160003, null, 'extended statistics of hidden rows are visible'),
        ('CVE-2024-10976', 15, 150009, null, 'reused plans keep another role''s policies'),
        ('CVE-2024-10976', 16, 160005, null, 'reused plans keep another role''s policies'),
        ('CVE-2024-10976', 17, 170001, null, 'reused plans keep another role''s policies'),
        ('CVE-2025-8713', 15, 150014, null, 'statistics show rows of partitions and children'),
        ('CVE-2025-8713', 16, 160010, null, 'statistics show rows of partitions and children'),
        ('CVE-2025-8713', 17, 170006, null, 'statistics show rows of partitions and children'),
        ('CVE-2026-2004', 15, 150016, null, 'selectivity estimators run foreign code'),
        ('CVE-2026-2004', 16, 160012, null, 'selectivity estimators run foreign code'),
        ('CVE-2026-2004', 17, 170008, null, 'selectivity estimators run foreign code'),
        ('CVE-2026-2004', 18, 180002, null, 'selectivity estimators run foreign code'),
        ('CVE-2026-6473', 15, 150018, null, 'crafted values overrun memory'),
        ('CVE-2026-6473', 16, 160014, null, 'crafted values overrun memory'),
        ('CVE-2026-6473', 17, 170010, null, 'crafted values overrun memory'),
        ('CVE-2026-6473', 18, 180004, null, 'crafted values overrun memory'),
        ('CVE-2026-14666', 15, 150019, null, 'cached plans survive a change of the role''s rights'),
        ('CVE-2026-14666', 16, null, 160014, 'cached plans survive a change of the role''s rights'),
        ('CVE-2026-14666', 17, null, 170010, 'cached plans survive a change of the role''s rights'),
        ('CVE-2026-14666', 18, null, 180004, 'cached plans survive a change of the role''s rights'),
        ('CVE-2026-116311', 15, 150020, null, 'a role removes policies written to it with drop owned'),
        ('CVE-2026-116311', 16, null, 160014, 'a role removes policies written to it with drop owned'),
        ('CVE-2026-116311', 17, null, 170010, 'a role removes policies written to it with drop owned'),
        ('CVE-2026-116311', 18, null, 180006, 'a role removes policies written to it with drop owned'),
        ('CVE-2026-120154', 15, 150020, null, 'on conflict shows values of forbidden rows'),
        ('CVE-2026-120154', 16, null, 160014, 'on conflict shows values of forbidden rows'),
        ('CVE-2026-120154', 17, null, 170010, 'on conflict shows values of forbidden rows'),
        ('CVE-2026-120154', 18, null, 180006, 'on conflict shows values of forbidden rows'),
        ('CVE-2026-16237', 15, 150020, null, 'an upsert through a view changes rows the view hides'),
        ('CVE-2026-16237', 16, null, 160014, 'an upsert through a view changes rows the view hides'),
        ('CVE-2026-16237', 17, null, 170010, 'an upsert through a view changes rows the view hides'),
        ('CVE-2026-16237', 18, null, 180006, 'an upsert through a view changes rows the view hides')
),
server as (
    -- why: the cases of this lint must mean the same on every server
    select coalesce(
        nullif(current_setting('tenantry.pretended_server_version_num', true), ''),
        current_setting('server_version_num')
    )::integer as version_num
),
open as (
    select repair.*, server.version_num
    from repair
    join server on server.version_num / 10000 = repair.line
        and (server.version_num < repair.fixed_in or server.version_num <= repair.open_through)
    where jsonb_array_length(%(owned)s::jsonb) > 0
)
select
    'server' as object,
    null::text as relation,
    null::text as role,
    format(
        'PostgreSQL %s.%s is open to %s known faults that touch row security: %s. %s',
        open.version_num / 10000, open.version_num % 10000, count(*),
        string_agg(format('%s (%s)', open.cve, open.what), ', ' order by split_part(open.cve, '-', 2)::integer, split_part(open.cve, '-', 3)::integer),
        case
            when bool_or(open.fixed_in is null) then 'For some of them the release with the fix is not known here: take the newest.'
            else format('All are mended in %s.%s.', open.version_num / 10000, max(open.fixed_in) % 10000)
        end
    ) as detail,
    null::text as fix
from open
group by open.version_num
order by 1
