package import Basics

/// What can go wrong with versions and channels, beside refusals of the file system and of the store.
package enum RegistryError: Error, Sendable, Hashable {
  case badName(String)
  case badChannel(String)
  case unknownModel(String, known: [String])
  case unknownVersion(model: String, version: String, known: [String])
  case ambiguousVersion(model: String, version: String, candidates: [Digest])
  /// The channel serves nothing.
  case nothingServed(model: String, channel: String)
  /// The artifact is not a tree of the three model files.
  case notAModel(Digest)
  /// The digest is barred from release.
  case quarantined(model: String, digest: Digest)
  /// There is nothing good to go back to.
  case noPrevious(model: String, channel: String)
  /// The folder of a version does not have the bytes of its digest.
  case deploymentDamaged(path: String)
  /// A line of the history does not fit the one before.
  case historyBroken(model: String, line: Int, reason: String)
}
