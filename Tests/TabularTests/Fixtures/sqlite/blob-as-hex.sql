-- query: SELECT a, hex(b) AS b FROM t
CREATE TABLE t(a, b);INSERT INTO t VALUES(1, x'00ff');
