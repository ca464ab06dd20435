-- case: a leakproof function of the user
-- expect: public.is_spam(body text)
create function public.is_spam(body text) returns boolean language sql immutable leakproof
as $$ select strpos(body, 'buy') > 0 $$;

-- case: an ordinary function
-- expect: nothing
create function public.is_spam(body text) returns boolean language sql immutable
as $$ select strpos(body, 'buy') > 0 $$;
