-- title: The server lacks fixes of row security
-- level: warning
-- kind: weakness
-- why: Minor releases mend ways around row security; on an older one the best policies do not hold.
-- fix: Install the newest minor release of the server's major version and restart it.
-- source: the release notes of PostgreSQL 15.3 to 15.20; the announcements of February 2026 (18.2, 17.8, 16.12) and
--   May 2026 (18.4, 17.10, 16.14). fixed_in is the first release of a line with the repair, as server_version_num.
-- uses: server_version
with repair (cve, line, fixed_in, what) as (
    values
        ('CVE-2023-2454', 15, 150003, 'create schema defeats the search path of functions'),
        ('CVE-2023-2455', 15, 150003, 'inlined functions keep another role''s policies'),
        ('CVE-2023-39418', 15, 150004, 'merge applies the wrong policies'),
        ('CVE-2024-4317', 15, 150007, 'extended statistics of hidden rows are visible'),
        ('CVE-2024-4317', 16, 160003, 'extended statistics of hidden rows are visible'),
        ('CVE-2024-10976', 15, 150009, 'reused plans keep another role''s policies'),
        ('CVE-2024-10976', 16, 160005, 'reused plans keep another role''s policies'),
        ('CVE-2024-10976', 17, 170001, 'reused plans keep another role''s policies'),
        ('CVE-2025-8713', 15, 150014, 'statistics show rows of partitions and children'),
        ('CVE-2025-8713', 16, 160010, 'statistics show rows of partitions and children'),
        ('CVE-2025-8713', 17, 170006, 'statistics show rows of partitions and children'),
        ('CVE-2026-2004', 15, 150016, 'selectivity estimators run foreign code'),
        ('CVE-2026-2004', 16, 160012, 'selectivity estimators run foreign code'),
        ('CVE-2026-2004', 17, 170008, 'selectivity estimators run foreign code'),
        ('CVE-2026-2004', 18, 180002, 'selectivity estimators run foreign code'),
        ('CVE-2026-6473', 15, 150018, 'crafted values overrun memory'),
        ('CVE-2026-6473', 16, 160014, 'crafted values overrun memory'),
        ('CVE-2026-6473', 17, 170010, 'crafted values overrun memory'),
        ('CVE-2026-6473', 18, 180004, 'crafted values overrun memory'),
        ('CVE-2026-14666', 15, 150019, 'cached plans survive a change of the role''s rights'),
        ('CVE-2026-116311', 15, 150020, 'a role removes policies written to it with drop owned'),
        ('CVE-2026-120154', 15, 150020, 'on conflict shows values of forbidden rows'),
        ('CVE-2026-16237', 15, 150020, 'an upsert through a view changes rows the view hides')
),
open as (
    select repair.*, server.version_num
    from repair
    join server_version as server on server.version_num / 10000 = repair.line and server.version_num < repair.fixed_in
    where jsonb_array_length(%(owned)s::jsonb) > 0
)
select
    'server' as object,
    null::text as relation,
    null::text as role,
    format(
        'PostgreSQL %s.%s lacks the repair of %s faults that touch row security: %s. Release %s.%s has them all.',
        open.version_num / 10000, open.version_num % 10000, count(*),
        string_agg(
            format('%s (%s)', open.cve, open.what), ', '
            order by split_part(open.cve, '-', 2)::integer, split_part(open.cve, '-', 3)::integer
        ),
        open.version_num / 10000, max(open.fixed_in) % 10000
    ) as detail,
    null::text as fix
from open
group by open.version_num
order by 1
