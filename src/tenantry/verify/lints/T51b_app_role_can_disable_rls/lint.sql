-- title: An application role owns a table and can switch its policies off
-- level: warning
-- kind: weakness
-- why: ALTER TABLE .. DISABLE ROW LEVEL SECURITY is the owner's right; one injected statement ends the
--   isolation of this table.
-- fix: Give the table to a role that nobody logs in as.
-- uses: owned, acting
select
    owned.relation as object,
    owned.relation as relation,
    string_agg(acting.name, ', ' order by acting.name) as role,
    format(
        '%s belongs to %I, as whom %s may act: its policies are forced, but their owner can switch them off.',
        owned.relation, owner.rolname, string_agg(quote_ident(acting.name), ', ' order by acting.name)
    ) as detail,
    null::text as fix
from owned
join pg_roles as owner on owner.oid = owned.relowner
join acting on pg_has_role(acting.oid, owner.oid, 'MEMBER')
where owned.relrowsecurity and owned.relforcerowsecurity
group by owned.relation, owner.rolname
order by 1
