-- title: Policies believe a setting that any SQL can change
-- level: warning
-- kind: weakness
-- why: Every role may set a custom setting. One injected expression, such as set_config() in a union, makes
--   the session another tenant's.
-- fix: Open the context with a signed token into a setting which only its owner may write, or declare that
--   all SQL text is trusted.
-- uses: spoken_text
with setting_read as (
    select distinct spoken_text.policy, spoken_text.relation, lower(found.name) as setting
    from spoken_text
    cross join lateral (
        select part[1] as name
        from regexp_matches(spoken_text.text, 'current_setting\s*\(\s*''([^'']+\.[^'']+)''', 'gi') as part
        union
        select context.name
        from unnest(%(context_settings)s::text[]) as context (name)
        where context.name like '%.%' and strpos(spoken_text.text, quote_literal(context.name)) > 0
    ) as found
    where spoken_text.text is not null
        -- why: PostgREST sets these itself, and its clients cannot send SQL; an attack notes what one who can would do
        and found.name not ilike 'request.%'
        -- why: a value whose signature is checked where it is read cannot be made up
        and not (
            spoken_text.signature is not null
            and spoken_text.text ~* '\m(hmac|sha256|sha512|digest|verify|tenantry\.accept)\w*\s*\('
        )
)
select
    setting_read.setting as object,
    null::text as relation,
    null::text as role,
    format(
        '%s policies on %s tables learn who asks from %s, which every role may set to anything: %s.',
        count(distinct setting_read.policy), count(distinct setting_read.relation), setting_read.setting,
        array_to_string((array_agg(distinct setting_read.relation order by setting_read.relation))[1:10], ', ')
        || case
            when count(distinct setting_read.relation) > 10
            then format(' and %s more', count(distinct setting_read.relation) - 10)
            else ''
        end
    ) as detail,
    null::text as fix
from setting_read
group by setting_read.setting
order by 1
