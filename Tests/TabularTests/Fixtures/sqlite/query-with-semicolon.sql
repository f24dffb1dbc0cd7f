-- query: SELECT 1 AS a; /* done */ ;
SELECT 1;
