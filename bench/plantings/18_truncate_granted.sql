-- about: the application may truncate, which no policy holds back
-- expect: public.messages
-- fault: truncate granted
-- topic: truncate

grant truncate on public.messages to authenticated;

-- proof as authenticated:
truncate public.messages;

-- proof as postgres:
select not exists (select from public.messages where tenant_id = 'bbbbbbbb-0000-4000-8000-000000000000');
