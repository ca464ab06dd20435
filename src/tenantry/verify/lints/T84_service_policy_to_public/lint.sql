-- title: A policy named after the service is open to everybody
-- level: error
-- kind: leak
-- why: Without TO a policy is for public, whatever its name says: every role with a grant reaches every
--   tenant's rows.
-- fix: Drop it: a service role with BYPASSRLS needs no policy; or write it TO that role.
-- uses: always_true
select
    always.relation as object,
    always.relation as relation,
    null::text as role,
    format(
        'Policy %s of %s was meant for the service and is written to everybody with a condition that is always true.',
        string_agg(quote_ident(always.polname), ', ' order by always.polname), always.relation
    ) as detail,
    string_agg(format('drop policy %I on %s;', always.polname, always.relation), ' ' order by always.polname) as fix
from always_true as always
where always.is_owned and always.is_public and always.command <> 'a'
    and always.polname ~* '(service|admin|internal|system|backend|worker|cron|super)'
group by always.relation
order by 1
