CREATE TABLE t(a, b);INSERT INTO t VALUES('a' || char(0) || 'b', 'é日😀'), ('c', 'd');
