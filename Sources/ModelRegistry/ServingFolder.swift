package import Basics
import ObjectStore

/// The folder of one model in the serving directory. Everything here can be read without a store.
///
/// ```
/// models/NAME/production -> versions/9f3c…    one link a channel
/// models/NAME/history.jsonl
/// models/NAME/versions/9f3c…/                 read-only, complete or absent
/// ```
package struct ServingFolder: Sendable, Hashable {
  package let model: String
  package let path: String

  /// The folder of `model` in the serving directory. Throws `RegistryError.badName`.
  package init(model: String, in modelsFolder: String) throws {
    guard isModelName(model) else { throw RegistryError.badName(model) }
    self.model = model
    path = modelsFolder + "/" + model
  }

  package var historyPath: String { path + "/history.jsonl" }
  var versionsFolder: String { path + "/versions" }

  /// The folder of a version, there or not.
  package func folder(of digest: Digest) -> String { "\(versionsFolder)/\(digest.hex)" }

  /// What the link of a channel points to; nil where there is no link or it points elsewhere.
  package func linked(_ channel: String) throws -> Digest? {
    guard isChannelName(channel) else { throw RegistryError.badChannel(channel) }
    guard let target = try Files.linkTarget(path + "/" + channel), target.hasPrefix("versions/") else { return nil }
    return Digest(hex: String(target.dropFirst("versions/".count)))
  }

  /// The channels that have a link, and what each serves.
  package func channels() throws -> [String: Digest] {
    var found: [String: Digest] = [:]
    for name in try Files.list(path) where isChannelName(name) { found[name] = try linked(name) }
    return found
  }

  /// The history, its chain held together. Throws `RegistryError.historyBroken`.
  package func history() throws -> History {
    guard Files.exists(historyPath) else { return History() }
    return try History(model: model, bytes: try Files.read(historyPath))
  }

  /// Whether the folder of a version is there with exactly the bytes of its digest.
  package func isSound(_ digest: Digest, cancellation: Cancellation) throws -> Bool {
    try ServingFolder.digest(ofModelIn: folder(of: digest), cancellation: cancellation) == digest
  }

  /// Hashes the model files in a folder again and gives the digest they make together; nil where one is missing.
  package static func digest(ofModelIn folder: String, cancellation: Cancellation) throws -> Digest? {
    var entries: [Tree.Entry] = []
    for name in ModelVersion.files {
      let file = folder + "/" + name
      guard let status = try Files.status(file, followLinks: false), status.kind == .file else { return nil }
      let digest = try contentDigest(ofFile: file, cancellation: cancellation)
      entries.append(Tree.Entry(path: name, digest: digest, size: status.size))
    }
    return Tree(entries)?.digest
  }
}
