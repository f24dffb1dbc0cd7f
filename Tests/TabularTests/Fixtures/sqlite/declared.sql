-- format: a=boolean b=number
CREATE TABLE t(a, b);INSERT INTO t VALUES(1, '1.50'), (0, '');
