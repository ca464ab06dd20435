-- title: An application role owns a table and no policy binds it
-- level: error
-- kind: weakness
-- why: Owners pass by row security: the application reads and writes every tenant's rows of this table.
-- fix: Give the table to a role that nobody logs in as, or force row security at least.
-- uses: owned, acting
select
    owned.relation as object,
    owned.relation as relation,
    string_agg(acting.name, ', ' order by acting.name) as role,
    format(
        '%s belongs to %I, as whom %s may act: no policy binds the owner.',
        owned.relation, owner.rolname, string_agg(quote_ident(acting.name), ', ' order by acting.name)
    ) as detail,
    format('alter table %s force row level security;', owned.relation) as fix
from owned
join pg_roles as owner on owner.oid = owned.relowner
join acting on pg_has_role(acting.oid, owner.oid, 'MEMBER')
where not (owned.relrowsecurity and owned.relforcerowsecurity)
group by owned.relation, owner.rolname
order by 1
