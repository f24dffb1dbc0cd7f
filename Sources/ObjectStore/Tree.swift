package import Basics

/// The canonical manifest of a tree artifact: files only, sorted by the bytes of their paths. Its digest names the tree.
package struct Tree: Sendable, Hashable {
  package struct Entry: Sendable, Hashable {
    /// Relative, parts joined by `/`, no `.` and `..`.
    package var path: String
    package var digest: Digest
    package var size: Int
    /// Whether its owner may execute it: `755`, otherwise `644`. Other permission bits are not kept.
    package var isExecutable: Bool

    package init(path: String, digest: Digest, size: Int, isExecutable: Bool = false) {
      self.path = path
      self.digest = digest
      self.size = size
      self.isExecutable = isExecutable
    }
  }

  package let entries: [Entry]

  /// Nil where a path is unsafe, appears twice, or is a folder of another.
  package init?(_ entries: [Entry]) {
    let sorted = entries.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    guard sorted.allSatisfy({ Tree.isSafe($0.path) }) else { return nil }
    var files: Set<String> = []
    for entry in sorted where !files.insert(entry.path).inserted { return nil }
    for entry in sorted {
      var folder = Files.parentFolder(of: entry.path)
      while let path = folder {
        if files.contains(path) { return nil }
        folder = Files.parentFolder(of: path)
      }
    }
    self.entries = sorted
  }

  static let prefix = Array(#"{"$tree":"v1""#.utf8)

  /// The manifest. RFC 8785.
  package var bytes: [UInt8] {
    JSON.object([
      "$tree": "v1",
      "entries": .array(
        entries.map { entry in
          [
            "path": .string(entry.path), "digest": JSON(entry.digest), "size": JSON(entry.size),
            "mode": entry.isExecutable ? "755" : "644",
          ]
        }),
    ]).canonicalBytes
  }

  package var digest: Digest { Digest(of: bytes) }

  /// Bytes of all files together.
  package var size: Int { entries.reduce(0) { $0 + $1.size } }

  package func entry(_ path: String) -> Entry? { entries.first { $0.path == path } }

  /// The tree written in `bytes`; nil unless they are exactly a canonical manifest.
  package init?(bytes: [UInt8]) {
    guard bytes.starts(with: Tree.prefix), let json = try? JSON(parsing: bytes), let values = json["entries"]?.arrayValue
    else { return nil }
    var entries: [Entry] = []
    for value in values {
      guard let path = value["path"]?.stringValue, let digest = value["digest"]?.digestValue,
        let size = value["size"]?.intValue, let mode = value["mode"]?.stringValue
      else { return nil }
      entries.append(Entry(path: path, digest: digest, size: size, isExecutable: mode == "755"))
    }
    self.init(entries)
    guard self.bytes == bytes else { return nil }
  }

  private static func isSafe(_ path: String) -> Bool {
    path.split(separator: "/", omittingEmptySubsequences: false)
      .allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }
  }
}
