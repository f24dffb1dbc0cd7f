package import Basics
package import ObjectStore

/// The models of a workspace: their versions, which are records in the store, and their channels, which are links in the
/// serving directory.
///
/// Whatever changes a model holds its lock. The history is written ahead: first the entry, then the switch. Whoever takes
/// the lock next repairs what a dead process left: a torn last line, a switch that was written but not made, staging.
package struct Registry: Sendable {
  package let store: Store

  package init(_ store: Store) { self.store = store }

  /// The folder of a model in the serving directory. Throws `RegistryError.badName`.
  package func serving(_ model: String) throws -> ServingFolder {
    try ServingFolder(model: model, in: store.workspace.modelsFolder)
  }

  /// The names of all models that have a version or a folder, sorted by bytes.
  package func models() throws -> [String] {
    let served = try Files.list(store.workspace.modelsFolder).filter { name in
      guard isModelName(name) else { return false }
      return try Files.status(store.workspace.modelsFolder + "/" + name)?.kind == .folder
    }
    return Set(served).union(try store.subjects(ofType: ModelVersion.recordType))
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// The history of a model, its chain verified. Throws `RegistryError.historyBroken`.
  package func history(_ model: String) throws -> History { try serving(model).history() }

  /// Every digest that any channel of any model ever served or serves now, sorted: garbage collection keeps them.
  package func servedDigests() throws -> [Digest] {
    var digests: Set<Digest> = []
    for model in try models() {
      let serving = try serving(model)
      digests.formUnion(try serving.channels().values)
      digests.formUnion(try serving.history().servedDigests)
    }
    return digests.sorted()
  }

  /// Does `body` under the lock of a model, with its repaired folder and its history.
  func locked<Result>(
    _ model: String, cancellation: Cancellation, _ body: (ServingFolder, inout History) throws -> Result
  ) throws -> Result {
    let serving = try serving(model)
    let lock = try FileLock.take("\(store.workspace.locksFolder)/model-\(model)", cancellation: cancellation)
    defer { lock.removeFile() }
    var history = try serving.repair()
    return try body(serving, &history)
  }
}
