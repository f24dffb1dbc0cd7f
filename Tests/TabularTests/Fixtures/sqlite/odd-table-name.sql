-- table: a "b" c
CREATE TABLE "a ""b"" c"(x); INSERT INTO "a ""b"" c" VALUES(1);
