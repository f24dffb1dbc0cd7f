-- query: SELECT c FROM t
CREATE TABLE t(a, b);
