-- query: -- nothing
CREATE TABLE t(a, b);
