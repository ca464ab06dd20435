-- title: An application role may create temporary objects
-- level: note
-- kind: weakness
-- why: Temporary tables and functions outlive a transaction on a pooled connection, hide tables of the same name and
--   are tools for other attacks.
-- fix: Revoke TEMPORARY on the database from PUBLIC and grant it to the roles that need it.
-- uses: acting
with granted as (
    select acl.grantee, base.datname, base.datdba
    from pg_database as base
    cross join lateral aclexplode(coalesce(base.datacl, acldefault('d', base.datdba))) as acl
    where base.datname = current_database() and acl.privilege_type = 'TEMPORARY' and acl.grantee <> base.datdba
)
select
    'public' as object,
    null::text as relation,
    'public' as role,
    format(
        'Every role may create temporary tables and functions in database %I, application roles too.', granted.datname
    ) as detail,
    format('revoke temporary on database %I from public;', granted.datname) as fix
from granted
where granted.grantee = 0 and exists (select from acting)
union all
select
    format('%I', acting.name),
    null,
    acting.name,
    format('%I may create temporary tables and functions in database %I.', acting.name, min(granted.datname)),
    string_agg(
        format('revoke temporary on database %I from %I;', granted.datname, pg_get_userbyid(granted.grantee)), ' '
    )
from granted
join acting on pg_has_role(acting.oid, granted.grantee, 'USAGE')
    and not pg_has_role(acting.oid, granted.datdba, 'USAGE')
where granted.grantee <> 0 and not exists (select from granted as open where open.grantee = 0)
group by acting.name
order by 1
