CREATE TABLE t(a, b);INSERT INTO t VALUES(1, 1e21), ('x', 'y'), (2.5, 3);
