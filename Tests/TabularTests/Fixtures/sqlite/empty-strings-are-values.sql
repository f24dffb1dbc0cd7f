CREATE TABLE t(a, b);INSERT INTO t VALUES('', 1), ('x', 2);
