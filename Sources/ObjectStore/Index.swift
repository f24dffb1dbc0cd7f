import Basics
import GRDB
import Synchronization

/// The SQLite index: what is where, quickly. It can be rebuilt from the objects, and rebuilds itself when it is missing,
/// cut short or not a database.
///
/// Invariant: the index names every record there is. A record is entered before its object is made, so after a crash it
/// may name one that is not there; readers leave those out.
///
/// Every use holds `index.lock` shared, a rebuild holds it exclusively; so nobody writes to a file that has been replaced.
final class Index: Sendable {
  private let path: String
  private let lockPath: String
  /// Fills the empty tables, inside the transaction given.
  private let fill: @Sendable (Database) throws -> Void
  private let state = Mutex<Connection?>(nil)

  /// An open database and the file it is.
  private final class Connection: Sendable {
    let queue: DatabaseQueue
    let lock: FileHandle
    let inode: UInt64

    init(_ queue: DatabaseQueue, _ lock: consuming FileHandle, inode: UInt64) {
      self.queue = queue
      self.lock = lock
      self.inode = inode
    }
  }

  init(path: String, lockPath: String, fill: @escaping @Sendable (Database) throws -> Void) {
    self.path = path
    self.lockPath = lockPath
    self.fill = fill
  }

  /// Looks things up. Short: it keeps every other user of this store waiting.
  func read<Result: Sendable>(_ body: (Database) throws -> Result) throws -> Result {
    try use { queue in try queue.writeWithoutTransaction(body) }
  }

  /// Changes things in one transaction. With `durably` it survives a power failure once this returns; without, a crash of
  /// the process only.
  func write<Result: Sendable>(durably: Bool = false, _ body: (Database) throws -> Result) throws -> Result {
    try use { queue in
      try FaultPoint.pass("write", path)
      return try queue.writeWithoutTransaction { db in
        if durably { try db.execute(sql: "PRAGMA synchronous = FULL") }
        defer { if durably { try? db.execute(sql: "PRAGMA synchronous = NORMAL") } }
        try db.beginTransaction(.immediate)
        do {
          let result = try body(db)
          try db.commit()
          return result
        } catch {
          if db.isInsideTransaction { try? db.rollback() }
          throw error
        }
      }
    }
  }

  /// Makes the index anew from the objects.
  func rebuild() throws {
    try state.withLock { state in
      let lock = try FileHandle(appending: lockPath)
      _ = try lock.lock(exclusive: true)
      state = nil
      do { try make(afresh: true) } catch let error as DatabaseError { throw storeError(error, path: path) }
    }
  }

  /// What SQLite itself finds wrong with the file; empty when it is sound.
  func problems() throws -> [String] {
    try read { db in try String.fetchAll(db, sql: "PRAGMA quick_check") }.filter { $0 != "ok" }
  }

  private func use<Result: Sendable>(_ body: (DatabaseQueue) throws -> Result) throws -> Result {
    try state.withLock { state in
      var mended = 0
      while true {
        do { return try attempt(body, &state) } catch let error as DatabaseError {
          guard isDamage(error), mended < 2 else { throw storeError(error, path: path) }
        } catch let error as OutdatedIndex {
          guard mended < 2 else { throw error }
        }
        mended += 1
        let broken = state?.inode
        state = nil
        do { try mend(broken: broken) } catch let error as DatabaseError { throw storeError(error, path: path) }
      }
    }
  }

  private func attempt<Result>(_ body: (DatabaseQueue) throws -> Result, _ state: inout Connection?) throws -> Result {
    let connection = try self.connection(&state)
    defer { try? connection.lock.unlock() }
    return try body(connection.queue)
  }

  /// The connection, with `index.lock` held shared, opened where there is none to the present file.
  private func connection(_ state: inout Connection?) throws -> Connection {
    if let connection = state {
      _ = try connection.lock.lock(exclusive: false)
      if try Files.status(path)?.inode == connection.inode { return connection }
      state = nil
    }
    let lock = try FileHandle(appending: lockPath)
    _ = try lock.lock(exclusive: false)
    let queue = try open()
    guard let inode = try Files.status(path)?.inode else { throw OutdatedIndex() }
    let connection = Connection(queue, lock, inode: inode)
    state = connection
    return connection
  }

  /// Opens the file and looks at its version only.
  private func open() throws -> DatabaseQueue {
    guard try Files.status(path) != nil else { throw OutdatedIndex() }
    let queue = try Index.openDatabase(path)
    let version = try queue.writeWithoutTransaction { db in try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 }
    if version > Index.version { throw StoreError.indexNewer(path: path) }
    if version < Index.version { throw OutdatedIndex() }
    return queue
  }

  /// Rebuilds the index unless somebody else just did. `broken` is the file that failed in use, if it could be opened.
  private func mend(broken: UInt64?) throws {
    let lock = try FileHandle(appending: lockPath)
    _ = try lock.lock(exclusive: true)
    do {
      _ = try open()
      if try Files.status(path)?.inode == broken { try make(afresh: true) }
    } catch let error as DatabaseError where isDamage(error) {
      try make(afresh: true)
    } catch is OutdatedIndex {
      try make(afresh: false)
    }
  }

  /// Under the exclusive lock: brings the tables to the present version and fills them in one transaction, which also
  /// marks the index as complete.
  private func make(afresh: Bool) throws {
    // The database goes first: SQLite throws away a log that has no database.
    if afresh { for suffix in ["", "-wal", "-shm"] { try Files.remove(path + suffix) } }
    let queue: DatabaseQueue
    do {
      queue = try Index.openDatabase(path)
      try queue.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA journal_mode = WAL") }
      try Index.migrator.migrate(queue)
    } catch let error as DatabaseError where isDamage(error) && !afresh {
      return try make(afresh: true)
    }
    try queue.writeWithoutTransaction { db in
      try db.inTransaction(.immediate) {
        try Index.empty(db)
        try fill(db)
        try db.execute(sql: "PRAGMA user_version = \(Index.version)")
        return .commit
      }
    }
    try queue.close()
  }
}

/// The index is missing, incomplete or of an older version.
private struct OutdatedIndex: Error {}
