-- query: SELECT a + 1 AS c, b FROM t WHERE b <> 'y' -- a comment;
CREATE TABLE t(a, b);INSERT INTO t VALUES(1, 'x'), (2, 'y');
