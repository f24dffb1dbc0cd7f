import Basics
import Diagnostics
import Execution
import Glibc
import ObjectStore
import Tabular
import Workflow

/// Databases change, so their rows are taken out when the action is made and kept in the store: the action depends on them,
/// not on the query, and the same rows are a cached step.
extension SourcePinning {
  func pinSQLite(_ path: String, named name: String) throws -> PinnedSource {
    let selection = selection(SQLiteSelection.query, SQLiteSelection.table) ?? .onlyTable
    return try keep(named: name) { folder in
      try readSQLite(path, named: name, selection, folder: folder, cancellation: context.cancellation)
    }
  }

  func pinPostgreSQL(_ address: DatabaseAddress) throws -> PinnedSource {
    guard let selection = selection(PostgreSQLSelection.query, PostgreSQLSelection.table) else {
      throw SettingProblem(["source"], .error("no-query", "a PostgreSQL source needs one of 'query' and 'table'"))
    }
    let (resolved, secrets) = try address.resolved { try secretValue($0, at: ["source"]) }
    return try keep(named: address.name) { folder in
      try readPostgreSQL(
        resolved, named: address.name, secrets: secrets, selection, folder: folder,
        cancellation: context.cancellation)
    }
  }

  /// What `query` or `table` says.
  private func selection<Selection>(
    _ query: (String) -> Selection, _ table: (String) -> Selection
  ) -> Selection? {
    if let text = step.settings["query"]?.stringValue { return query(text) }
    if let text = step.settings["table"]?.stringValue { return table(text) }
    return nil
  }

  /// Reads rows and keeps them in the store.
  func keep(named name: String, _ read: (_ folder: String) throws -> some TypedSource) throws -> PinnedSource {
    let folder = context.store.makeStagingPath()
    try Files.makeFolder(folder)
    defer { try? Files.removeTree(folder) }
    let source = try read(folder)
    let staged = folder + "/rows.arrow"
    let missing = (step.settings["missing"]?.arrayValue ?? []).compactMap(\.stringValue)
    _ = try keepRows(
      of: source, missing: missing, into: staged, threads: processorCount(), cancellation: context.cancellation)
    let digest = try context.store.adopt(staged, cancellation: context.cancellation)
    let rows = SourceFile(name: name, path: try context.store.path(of: digest), format: .arrow, digest: digest)
    let query = step.settings["query"]?.stringValue ?? step.settings["table"]?.stringValue ?? ""
    return .rows(rows, query: query, hasUntypedStrings: source.hasUntypedStrings)
  }
}
