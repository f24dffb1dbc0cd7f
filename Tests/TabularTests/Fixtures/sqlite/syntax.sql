-- query: SELEC 1
CREATE TABLE t(a, b);
