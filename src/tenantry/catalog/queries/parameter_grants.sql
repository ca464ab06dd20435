-- about: Who may set or change settings that only a superuser may otherwise (pg_parameter_acl).
select
    parameter.parname::text as parameter,
    entry.grantee::bigint as grantee,
    entry.privilege_type as privilege,
    entry.is_grantable as grantable
from pg_parameter_acl as parameter
cross join aclexplode(parameter.paracl)
    with ordinality as entry (grantor, grantee, privilege_type, is_grantable, position)
order by parameter.parname, entry.position
