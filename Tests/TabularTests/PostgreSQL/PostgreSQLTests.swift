import Basics
import Diagnostics
import Tabular
import Testing

/// Rows of a server that the test starts; skipped where none is installed (`apt-get install postgresql libpq5`).
@Suite struct PostgreSQLTests {
  private static let tables = #"""
    CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE TABLE kinds(
      b boolean, i2 smallint, i4 integer, i8 bigint, f4 real, f8 double precision, n numeric(30, 10), t text, v varchar(9),
      c char(3), d date, ts timestamp, tz timestamptz, u uuid, j jsonb, m mood, nothing integer, tm time);
    INSERT INTO kinds VALUES
      (true, -1, 2147483647, 9223372036854775807, 0.5, 1e-300, 12345678901234567890.0123456789, 'é', 'v', 'c', '2024-02-29',
       '2024-01-31 12:00:00.25', '2024-01-31 13:00:00+01', '00000000-0000-0000-0000-00000000000a', '{"a": [1]}', 'sad', NULL,
       '12:34:56'),
      (NULL, NULL, NULL, NULL, NULL, 'NaN', NULL, '', NULL, NULL, '1969-12-31', '1969-12-31 23:59:59', NULL, NULL, NULL,
       'happy', NULL, NULL);
    CREATE SEQUENCE s; CREATE TABLE lists(id integer, tags text[]); CREATE TABLE bytes(id integer, raw bytea);
    CREATE TABLE ends(d date); INSERT INTO ends VALUES ('2024-01-01'), ('infinity'), ('-infinity');
    CREATE TABLE huge(x double precision); INSERT INTO huge VALUES ('Infinity');
    CREATE TABLE nothing(x integer); CREATE SCHEMA other; CREATE TABLE other.sales(x integer);
    INSERT INTO other.sales VALUES (1); CREATE TABLE "Odd ""name"""(x integer); INSERT INTO "Odd ""name""" VALUES (1);
    CREATE TABLE many AS SELECT i, 'text ' || i AS t, i / 3.0::double precision AS x FROM generate_series(1, 30000) AS i;
    """#

  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func address(_ server: PostgresServer, password: String? = nil, port: Int? = nil) -> String {
    let encoded = (password ?? server.password).utf8.map { byte in
      (48...57).contains(byte) || (97...122).contains(byte | 32)
        ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16)
    }.joined()
    return "postgresql://tester:\(encoded)@127.0.0.1:\(port ?? server.port)/tester"
  }

  private func read(
    _ server: PostgresServer, _ selection: PostgreSQLSelection, password: String? = nil, port: Int? = nil,
    declared: [String: ColumnType] = [:], cancellation: Cancellation = Cancellation()
  ) -> String {
    let path = scratch.path + "/" + uniqueSuffix()
    do {
      let source = try readPostgreSQL(
        address(server, password: password, port: port), named: "postgresql://db",
        secrets: [password ?? server.password],
        selection, folder: scratch.path, cancellation: cancellation)
      _ = try ingestTyped(
        source, declared: declared, into: path, threads: 2, cancellation: cancellation, progress: { _ in })
      return fixtureText(try Table.open(path))
    } catch let error as any Diagnosable {
      return error.diagnostics.map(fixtureText).joined()
    } catch {
      return "\(error)"
    }
  }

  @Test(.enabled(if: PostgresServer.isInstalled)) func rowsComeAsTheyAre() throws {
    let server = try #require(PostgresServer())
    #expect(server.sql(Self.tables))
    func table(_ name: String, declared: [String: ColumnType] = [:]) -> String {
      read(server, .table(name), declared: declared)
    }
    func query(_ text: String) -> String { read(server, .query(text)) }
    #expect(
      table("kinds", declared: ["n": .number, "u": .text]) == """
        b boolean: true -
        i2 integer: -1 -
        i4 integer: 2147483647 -
        i8 integer: 9223372036854775807 -
        f4 number: 0.5 -
        f8 number: 1e-300 -
        n number: 12345678901234567000 -
        t category: é\u{20}
        v category: v -
        c category: c -
        d date: 2024-02-29 1969-12-31
        ts timestamp: 2024-01-31T12:00:00.25Z 1969-12-31T23:59:59Z
        tz timestamp: 2024-01-31T12:00:00Z -
        u text: 00000000-0000-0000-0000-00000000000a -
        j category: {"a":_[1]} -
        m category: sad happy
        nothing integer: - -
        tm category: 12:34:56 -

        """)
    #expect(table("kinds").contains("n category: 12345678901234567890.0123456789 -\n"))
    #expect(table("other.sales") == "x integer: 1\n")
    #expect(table("Odd \"name\"") == "x integer: 1\n")
    #expect(table("many") == "i integer: 30000 rows\nt text: 30000 rows\nx number: 30000 rows\n")
    #expect(query("SELECT i FROM many WHERE i <= 3 ORDER BY i DESC -- the last") == "i integer: 3 2 1\n")
    #expect(query("SELECT 1 AS a -- one") == "a integer: 1\n")
  }

  @Test(.enabled(if: PostgresServer.isInstalled)) func whatCannotBeReadIsTold() throws {
    let server = try #require(PostgresServer())
    #expect(server.sql(Self.tables))
    let head = "postgresql://db: error: "
    func query(_ text: String) -> String { read(server, .query(text)) }
    #expect(
      read(server, .table("lists")) == head + "column 'tags' holds lists (text[]), expected one value\n"
        + "help: turn it into text in the 'query': array_to_string(tags, ',')\n")
    #expect(read(server, .table("bytes")).hasPrefix(head + "column 'raw' holds binary data\n"))
    #expect(
      read(server, .table("ends")) == head
        + "column 'd' holds infinite times (2 rows affected, the first is row 2)\n"
        + "help: turn them into NULL in the 'query': NULLIF(d, 'infinity')\n")
    #expect(read(server, .table("huge")).hasPrefix(head + "column 'x' holds infinite numbers"))
    #expect(read(server, .table("nothing")) == head + "the source has columns but no rows\n")
    #expect(
      read(server, .table("kindz")) == head + "the database has no table 'kindz'\nhelp: did you mean 'kinds'?\n")
    #expect(query("SELEC 1").hasPrefix(head + "PostgreSQL does not take the query: syntax error"))
    #expect(query("SELECT nme FROM kinds").contains("column \"nme\" does not exist"))
    #expect(query("SELECT 1; SELECT 2").contains("cannot insert multiple commands"))
    #expect(query("SELECT 1 AS a) TO PROGRAM 'touch /tmp/never' --").contains("does not take the query"))
    #expect(query("SELECT 1 AS a, 2 AS a") == head + "column 'a' appears twice\n")
    for text in [
      "INSERT INTO nothing VALUES (1) RETURNING x", "DELETE FROM kinds", "SELECT setval('s', 1)",
    ] {
      let answer = query(text)
      #expect(answer.contains("error"), "\(text)")
    }
    #expect(query("DELETE FROM kinds").hasPrefix(head + "the query writes"))
    #expect(query("SELECT nextval('s')").hasPrefix(head + "the query writes"))
  }

  @Test(.enabled(if: PostgresServer.isInstalled)) func connectionsThatFailAreToldWithoutSecrets() throws {
    let server = try #require(PostgresServer())
    let wrong = read(server, .table("x"), password: "wr0ng-secret")
    #expect(wrong.contains("password authentication failed for user \"tester\""))
    #expect(wrong.contains("help: check the user and the secret that holds the password"))
    #expect(!wrong.contains("wr0ng"))
    #expect(read(server, .table("x"), port: 1).contains("help: check host and port"))
  }

  @Test(.enabled(if: PostgresServer.isInstalled)) func aLongQueryStopsWhenItIsToldTo() throws {
    let server = try #require(PostgresServer())
    let watch = Stopwatch()
    let answer = read(
      server, .query("SELECT pg_sleep(60)::text AS s"), cancellation: Cancellation(timeout: .milliseconds(300)))
    #expect(answer == "timedOut")
    #expect(watch.seconds < 5)
  }
}
