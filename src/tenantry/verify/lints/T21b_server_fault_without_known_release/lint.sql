-- title: The server is open to faults whose repair is not known here
-- level: note
-- kind: weakness
-- why: These faults were seen, or must be, in this release of the server; which later release mends them is
--   not in this list yet.
-- fix: Install the newest minor release; write restrictive policies to public, and lead unique keys with
--   the tenant, which defeats two of them.
-- Sources: trials on 18.1 and 18.6; 16.14 and 17.10 came out before the reports of August and November 2026.
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
server as (
    -- why: the cases of this lint must mean the same on every server
    select coalesce(
        nullif(current_setting('tenantry.pretended_server_version_num', true), ''),
        current_setting('server_version_num')
    )::integer as version_num
),
open as (
    select seen.*, server.version_num
    from seen
    join server on server.version_num / 10000 = seen.line and server.version_num <= seen.open_through
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
