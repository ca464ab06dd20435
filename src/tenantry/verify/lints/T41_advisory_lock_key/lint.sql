-- title: A function locks with a key that anybody can take
-- level: note
-- kind: weakness
-- why: Advisory locks have no privileges: any session may take a known key and stop every tenant's work that waits
--   for it.
-- fix: Take the key from data that is not guessable, or lock a row instead.
-- uses: source_text
select
    source.name as object,
    null::text as relation,
    null::text as role,
    format(
        '%s takes an advisory lock on a constant key; any session may hold that key and make all tenants wait.',
        source.name
    ) as detail,
    null::text as fix
from source_text as source
-- why: (number), (number, number) or (hashtext('words')), with casts
where source.text ~* (
    $re$\mpg_(try_)?advisory_(xact_)?lock(_shared)?\s*\(\s*$re$
    || $re$('?-?\d+'?(::\w+)?(\s*,\s*'?-?\d+'?(::\w+)?)?$re$
    || $re$|hashtext(extended)?\s*\(\s*'[^']*'(::\w+)?\s*(,\s*\d+)?\s*\)(::\w+)?)\s*\)$re$
)
order by 1
