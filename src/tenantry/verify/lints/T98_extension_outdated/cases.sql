-- case: an old version
-- expect: hstore
create extension hstore version '1.4';

-- case: the version the server has
-- expect: nothing
create extension hstore;
