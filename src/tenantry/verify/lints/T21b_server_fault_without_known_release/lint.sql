-- title: The server has faults in row security, and the release that mends them is not listed here
-- level: note
-- kind: weakness
-- why: This release has the faults: they were tried on it, or it came out before they were mended. Which later
--   release mends them is not in this list yet.
-- fix: Install the newest minor release. Write restrictive policies to public and start unique keys with the tenant
--   column: that defeats two of the faults.
-- source: trials on PostgreSQL 18.1 and 18.6; 16.14 and 17.10 came out in May 2026, before the release notes of 15.19
--   (August) and 15.20 (November) told of these faults. open_through is the last release known to have the fault.
-- uses: server_version
with seen (cve, line, open_through, what) as (
    values
        ('CVE-2026-14666', 16, 160014, 'cached plans survive a change of the role''s rights'),
        ('CVE-2026-14666', 17, 170010, 'cached plans survive a change of the role''s rights'),
        ('CVE-2026-14666', 18, 180004, 'cached plans survive a change of the role''s rights'),
        ('CVE-2026-116311', 16, 160014, 'a role removes policies written to it with drop owned'),
        ('CVE-2026-116311', 17, 170010, 'a role removes policies written to it with drop owned'),
        ('CVE-2026-116311', 18, 180006, 'a role removes policies written to it with drop owned'),
        ('CVE-2026-120154', 16, 160014, 'on conflict shows values of forbidden rows'),
        ('CVE-2026-120154', 17, 170010, 'on conflict shows values of forbidden rows'),
        ('CVE-2026-120154', 18, 180006, 'on conflict shows values of forbidden rows'),
        ('CVE-2026-16237', 16, 160014, 'an upsert through a view changes rows the view hides'),
        ('CVE-2026-16237', 17, 170010, 'an upsert through a view changes rows the view hides'),
        ('CVE-2026-16237', 18, 180006, 'an upsert through a view changes rows the view hides')
),
open as (
    select seen.*, server.version_num
    from seen
    join server_version as server on server.version_num / 10000 = seen.line and server.version_num <= seen.open_through
    where jsonb_array_length(%(owned)s::jsonb) > 0
)
select
    'server' as object,
    null::text as relation,
    null::text as role,
    format(
        'PostgreSQL %s.%s is open to %s faults that touch row security: %s.',
        open.version_num / 10000, open.version_num % 10000, count(*),
        string_agg(
            format('%s (%s)', open.cve, open.what), ', '
            order by split_part(open.cve, '-', 2)::integer, split_part(open.cve, '-', 3)::integer
        )
    ) as detail,
    null::text as fix
from open
group by open.version_num
order by 1
