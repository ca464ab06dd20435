-- about: Roles somebody can log in as or become; superusers and BYPASSRLS roles are left out: no setting binds them.
select owner.oid
from pg_roles as owner
where not owner.rolsuper and not owner.rolbypassrls
    and exists (
        select from pg_roles as login
        where login.rolcanlogin and not login.rolsuper and pg_has_role(login.oid, owner.oid, 'MEMBER')
    )
