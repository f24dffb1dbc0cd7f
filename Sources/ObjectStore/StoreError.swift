package import Basics

/// What can go wrong with objects, records and the index, beside refusals of the file system (`FileError`).
package enum StoreError: Error, Sendable, Hashable {
  /// No object or artifact begins with this prefix.
  case unknown(prefix: String)
  case ambiguous(prefix: String, candidates: [Digest])
  /// The prefix is not made of hex digits.
  case notADigest(String)
  /// The object is not in the store.
  case missing(Digest)
  /// The bytes of the object do not have its digest.
  case damaged(Digest)
  /// A record or manifest that should be one is not.
  case malformed(Digest, expected: String)
  case unknownRun(prefix: String)
  case ambiguousRun(prefix: String, candidates: [String])
  /// Something in a folder that a tree artifact cannot hold.
  case notForTree(path: String, what: String)
  /// Garbage is not collected while records are damaged: what they keep alive is not known.
  case collectionUnsafe([Digest])
  /// The index was written by a newer version of this program.
  case indexNewer(path: String)
  /// Another process kept the index locked for too long.
  case indexBusy(path: String)
  case index(path: String, message: String)
}
