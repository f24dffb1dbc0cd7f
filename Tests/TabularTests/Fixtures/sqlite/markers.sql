-- format: missing=NA,-999
CREATE TABLE t(a, b);INSERT INTO t VALUES('NA', -999), ('x', 1);
