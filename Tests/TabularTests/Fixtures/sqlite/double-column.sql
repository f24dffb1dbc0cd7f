-- query: SELECT a, b AS a FROM t
CREATE TABLE t(a, b);INSERT INTO t VALUES(1, 2);
