-- query: DELETE FROM t
CREATE TABLE t(a, b);
