-- query: SELECT 1 AS a; DROP TABLE t
CREATE TABLE t(a, b);
