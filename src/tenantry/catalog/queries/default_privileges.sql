-- about: What future objects will be granted on birth.
select
    fallback.defaclrole::bigint as owner,
    fallback.defaclnamespace::bigint as schema,
    fallback.defaclobjtype::text as kind,
    entry.grantee::bigint as grantee,
    entry.privilege_type as privilege,
    entry.is_grantable as grantable
from pg_default_acl as fallback
cross join aclexplode(fallback.defaclacl) as entry
order by 1, 2, 3, 4, 5
