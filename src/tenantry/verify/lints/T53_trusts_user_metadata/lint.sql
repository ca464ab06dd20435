-- title: A policy believes data that users edit themselves
-- level: warning
-- kind: weakness
-- why: user_metadata (raw_user_meta_data) in a token is whatever the signed-in user wrote there; it says
--   nothing about what the user may do.
-- fix: Use app_metadata, which only the server writes, or a table of memberships.
-- uses: policy, spoken_text
select
    spoken_text.relation as object,
    spoken_text.relation as relation,
    null::text as role,
    format(
        'Policies %s of %s decide by user_metadata%s, which every user may change.',
        string_agg(distinct quote_ident(policy.polname), ', ' order by quote_ident(policy.polname)),
        spoken_text.relation,
        coalesce(' in ' || string_agg(distinct spoken_text.signature, ', ' order by spoken_text.signature), '')
    ) as detail,
    null::text as fix
from spoken_text
join policy on policy.oid = spoken_text.policy
where spoken_text.text ~* '\m(raw_)?user_meta_?data\M'
group by spoken_text.relation
order by 1
