-- about: Who may connect, create and use temporary objects in this database, in the order the server keeps.
select
    database.oid::bigint as object,
    entry.grantee::bigint as grantee,
    entry.privilege_type as privilege,
    entry.is_grantable as grantable,
    entry.grantor::bigint as grantor,
    '' as column
from pg_database as database
cross join aclexplode(coalesce(database.datacl, acldefault('d', database.datdba)))
    with ordinality as entry (grantor, grantee, privilege_type, is_grantable, position)
where database.datname = current_database()
order by position
