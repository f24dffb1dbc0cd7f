import Basics
import Glibc
import ModelRegistry
import ObjectStore

/// A registry in a workspace of its own, which goes when the value does.
final class TestRegistry {
  let workspace: Workspace
  let store: Store
  let registry: Registry

  init() throws {
    let folder = "/tmp/model-registry-test-" + uniqueSuffix()
    try Files.makeFolder(folder)
    workspace = try Workspace(folder)
    store = try Store.open(workspace)
    registry = Registry(store)
  }

  deinit { try? Files.removeTree(workspace.root) }

  /// The tree artifact of a model that differs from others by `text`.
  func artifact(_ text: String) throws -> Digest {
    let entries = try ModelVersion.files.map { name in
      let bytes = Array("\(name) of \(text)".utf8)
      return Tree.Entry(path: name, digest: try store.put(bytes), size: bytes.count)
    }
    return try store.putTree(entries).digest
  }

  func register(_ text: String, verdict: String? = "pass", model: String = "penguins") throws -> ModelVersion {
    try registry.register(
      model: model, artifact: try artifact(text), verdict: verdict, cancellation: Cancellation())
  }

  @discardableResult
  func release(_ version: ModelVersion, to channel: String = "production", lifting: Bool = false) throws -> Switch {
    try registry.release(
      version, to: channel, files: ["release.json": Array("{}".utf8)], actor: "me", liftingQuarantine: lifting,
      cancellation: Cancellation())
  }

  @discardableResult
  func rollback(_ channel: String = "production") throws -> Switch {
    try registry.rollback("penguins", channel: channel, actor: "me", cancellation: Cancellation())
  }

  var serving: ServingFolder { get throws { try registry.serving("penguins") } }

  func served(_ channel: String = "production") throws -> Digest? { try serving.linked(channel) }

  /// Whether a channel serves nothing, or a whole version.
  func isWhole(_ channel: String = "production") throws -> Bool {
    guard let digest = try served(channel) else { return true }
    return try serving.isSound(digest, cancellation: Cancellation())
  }

  /// Names that are no part of a finished folder.
  func leftovers() throws -> [String] {
    let folder = try serving.path
    return try (Files.list(folder) + Files.list(folder + "/versions")).filter { $0.hasPrefix(".") }
  }

  func damage(_ path: String) throws {
    var bytes = try Files.read(path)
    bytes[0] ^= 1
    chmod(path, 0o644)
    let descriptor = open(path, O_WRONLY)
    defer { close(descriptor) }
    pwrite(descriptor, bytes, bytes.count, 0)
  }
}
