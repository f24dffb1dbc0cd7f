import Basics
import Glibc
import ObjectStore

/// A workspace in a folder of its own, which goes when the value does.
final class TestWorkspace {
  let workspace: Workspace

  init() throws {
    let folder = "/tmp/object-store-test-" + uniqueSuffix()
    try Files.makeFolder(folder)
    workspace = try Workspace(folder)
  }

  deinit { try? Files.removeTree(workspace.root) }

  var root: String { workspace.root }

  func open() throws -> Store { try Store.open(workspace) }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    let path = root + "/" + name
    if let folder = Files.parentFolder(of: path) { try Files.makeFolder(folder) }
    try durableWrite(path, bytes: Array(text.utf8))
    return path
  }

  /// Names left in the staging folder.
  func staged() throws -> [String] { try Files.list(workspace.temporaryFolder) }
}

extension Store {
  func objectPath(_ digest: Digest) throws -> String { try path(of: digest) }

  /// Changes the first byte of an object, as a bad disk would: size and modification time stay.
  func flipByte(_ digest: Digest) throws {
    let path = try path(of: digest)
    let time = try Files.status(path)?.modified ?? 0
    var bytes = try Files.read(path)
    bytes[0] ^= 1
    chmod(path, 0o644)
    let descriptor = Glibc.open(path, O_WRONLY)
    defer { close(descriptor) }
    pwrite(descriptor, bytes, bytes.count, 0)
    try Files.setModified(path, time)
  }

  func cutShort(_ digest: Digest) throws { truncate(try path(of: digest), 1) }

  func lookUp(_ key: Digest) throws -> CachedResult { try result(forKey: key, cancellation: Cancellation()) }
}

/// An action of kind `kind` that read `inputs` and made one file artifact for each of `outputs`.
@discardableResult
func perform(
  _ kind: String, inputs: [String: Digest] = [:], outputs: [String: Digest], in store: Store,
  finished: Timestamp = Timestamp(milliseconds: 1_795_485_382_123)
) throws -> (key: Digest, record: Digest) {
  let action: JSON = ["kind": .string(kind), "inputs": .object(inputs.mapValues { JSON($0) })]
  let key = Digest(of: action.canonical)
  let made = outputs.sorted { $0.key < $1.key }.map {
    ActionResult.Output(name: $0.key, type: "file", digest: $0.value, size: 1)
  }
  let result = ActionResult(
    key: key, action: action, outputs: made, metrics: ["rows": 3], report: ["note": "x"], seconds: 0.5,
    finished: finished)
  return (key, try store.putResult(result))
}
