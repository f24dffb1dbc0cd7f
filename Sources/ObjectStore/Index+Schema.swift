import GRDB

extension Index {
  /// The number of migrations; kept as `user_version`, once the tables are filled too.
  static let version = 1

  /// One entry a change of tables. What they hold is filled in from the objects afterwards.
  static let migrator: DatabaseMigrator = {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { db in try db.execute(sql: tables) }
    return migrator
  }()

  /// Everything but the caches of stat data, which stay true by themselves.
  static func empty(_ db: Database) throws {
    for table in ["records", "results", "edges", "runs", "steps", "metrics"] {
      try db.execute(sql: "DELETE FROM \(table)")
    }
  }

  /// The write-ahead log is a lasting property of the file, so it is asked for only where the file is made: GRDB's own
  /// setting would write to the file at each opening.
  static func openDatabase(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .timeout(30)
    configuration.foreignKeysEnabled = false
    configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA synchronous = NORMAL") }
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  /// Columns of the primary key come first: where they do not, SQLite 3.40 finds NULLs that are not there.
  /// Digests are hex text. Times are milliseconds since 1970 but `modified`, `changed` and `noted`: nanoseconds.
  private static let tables = """
    CREATE TABLE records (digest TEXT PRIMARY KEY, type TEXT NOT NULL, subject TEXT) WITHOUT ROWID;
    CREATE INDEX records_by_type ON records (type, subject);
    CREATE TABLE results (
      key TEXT PRIMARY KEY, record TEXT NOT NULL, kind TEXT NOT NULL, finished INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE edges (
      record TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, type TEXT NOT NULL,
      PRIMARY KEY (record, role, name, digest)) WITHOUT ROWID;
    CREATE INDEX edges_by_digest ON edges (digest, role);
    CREATE TABLE runs (
      id TEXT PRIMARY KEY, workflow TEXT, started INTEGER, start TEXT, finished INTEGER, ended TEXT) WITHOUT ROWID;
    CREATE INDEX runs_by_start ON runs (started);
    CREATE TABLE steps (
      run TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, status TEXT NOT NULL,
      key TEXT, result TEXT, seconds REAL NOT NULL, PRIMARY KEY (run, position)) WITHOUT ROWID;
    CREATE INDEX steps_by_result ON steps (result);
    CREATE TABLE metrics (
      run TEXT NOT NULL, key TEXT NOT NULL, step TEXT NOT NULL, time INTEGER NOT NULL, value REAL,
      PRIMARY KEY (run, key, step, time)) WITHOUT ROWID;
    CREATE TABLE objects (
      digest TEXT PRIMARY KEY, size INTEGER NOT NULL, modified INTEGER NOT NULL, changed INTEGER NOT NULL,
      noted INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE files (
      path TEXT PRIMARY KEY, device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL,
      modified INTEGER NOT NULL, changed INTEGER NOT NULL, noted INTEGER NOT NULL, digest TEXT NOT NULL) WITHOUT ROWID;
    """
}
