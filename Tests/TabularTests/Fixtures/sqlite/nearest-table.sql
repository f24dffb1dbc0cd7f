-- table: slaes
CREATE TABLE sales(x); CREATE TABLE a(x);
