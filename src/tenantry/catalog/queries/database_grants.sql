-- about: Who may connect, create and use temporary objects in this database.
select
    database.oid::bigint as object,
    entry.grantee::bigint as grantee,
    entry.privilege_type as privilege,
    entry.is_grantable as grantable,
    '' as column
from pg_database as database
cross join aclexplode(coalesce(database.datacl, acldefault('d', database.datdba))) as entry
where database.datname = current_database()
order by 2, 3
