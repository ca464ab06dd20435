-- case: three schemas with the same tables
-- expect: schemas
create schema a;
create schema b;
create schema c;
create table a.booking (id int);
create table b.booking (id int);
create table c.booking (id int);
create table a.customer (id int);
create table b.customer (id int);
create table c.customer (id int);

-- case: two with the same, and one with others
-- expect: nothing
create schema a;
create schema b;
create schema c;
create table a.booking (id int);
create table b.booking (id int);
create table a.customer (id int);
create table b.customer (id int);
create table c.product (id int);
create table c.shelf (id int);
