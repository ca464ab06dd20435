-- case: hstore in public
-- expect: hstore
create extension hstore schema public;

-- case: hstore in a schema of its own
-- expect: nothing
create schema extensions;
create extension hstore schema extensions;
