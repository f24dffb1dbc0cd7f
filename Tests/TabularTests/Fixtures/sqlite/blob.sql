CREATE TABLE t(a, b);INSERT INTO t VALUES(1, 1), (2, x'00ff'), (3, x'01');
