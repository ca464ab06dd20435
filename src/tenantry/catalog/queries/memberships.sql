-- about: Which role is granted to which; the inherit and set options exist from PostgreSQL 16 on.
select
    membership.roleid::bigint as role,
    membership.member::bigint as member,
    membership.admin_option as with_admin,
    coalesce((to_jsonb(membership) ->> 'inherit_option')::boolean, member.rolinherit) as with_inherit,
    coalesce((to_jsonb(membership) ->> 'set_option')::boolean, true) as with_set
from pg_auth_members as membership
join pg_roles as member on member.oid = membership.member
order by 1, 2
