-- title: A policy decides by what the client sends
-- level: error
-- kind: leak
-- why: request.headers and request.cookies hold what the client wrote there: whoever names another tenant in them is
--   let in as that tenant.
-- fix: Take the tenant from the verified token (request.jwt.claims), or from a table of memberships.
-- source: PostgREST, "Accessing Request Headers, Cookies and JWT claims"; a header that bears a secret is left alone.
-- uses: policy, owned, spoken_text
with told as (
    select
        spoken_text.policy,
        bool_or(
            spoken_text.text ~* '\mauth\.(uid|jwt|email|role)\s*\(|current_user|session_user'
            or spoken_text.text ~* 'current_setting\s*\(\s*''(?!request\.(headers|cookies|header\.|cookie\.))'
        ) as asks_who
    from spoken_text
    group by spoken_text.policy
)
select
    spoken_text.relation as object,
    spoken_text.relation as relation,
    null::text as role,
    format(
        'Policies %s of %s decide by headers or cookies of the request%s, which every client writes as it likes.',
        string_agg(distinct quote_ident(policy.polname), ', ' order by quote_ident(policy.polname)),
        spoken_text.relation,
        coalesce(', read in ' || string_agg(distinct spoken_text.signature, ', ' order by spoken_text.signature), '')
    ) as detail,
    null::text as fix
from spoken_text
join policy on policy.oid = spoken_text.policy
join owned on owned.relid = policy.relid
join told on told.policy = policy.oid
where policy.relrowsecurity
    and policy.meets_app
    -- why: a restrictive policy only takes away
    and policy.is_permissive
    and spoken_text.text ~* 'current_setting\s*\(\s*''request\.(headers|cookies|header\.|cookie\.)'
    -- why: a key, a token or a session that is looked up or verified is known only to whom it was given
    and spoken_text.text !~* '''[\w.-]*(authorization|api[-_]?key|token|secret|signature|session)[\w.-]*'''
    -- why: a header may choose among the tenants of whom the token names, where both must hold
    and not (
        told.asks_who
        and (
            concat(policy.using_text, policy.check_text) ~ ' AND '
            or spoken_text.signature is not null and spoken_text.text !~* '\mcoalesce\s*\('
        )
    )
group by spoken_text.relation
order by 1
