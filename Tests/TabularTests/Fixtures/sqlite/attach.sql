-- query: ATTACH 'x' AS y
CREATE TABLE t(a, b);
