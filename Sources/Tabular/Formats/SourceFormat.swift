import Basics

/// What a file of data is.
package enum SourceFormat: String, Sendable, Hashable, CaseIterable {
  case csv, tsv, jsonl, arrow, parquet, sqlite, libsvm

  /// The format that a file's first bytes give away, whatever its name; nil for text.
  package static func byContent(_ head: [UInt8]) -> SourceFormat? {
    if head.starts(with: "PAR1".utf8) { return .parquet }
    if head.starts(with: "ARROW1".utf8) || head.starts(with: [0xFF, 0xFF, 0xFF, 0xFF]) { return .arrow }
    if head.starts(with: Array("SQLite format 3".utf8) + [0]) { return .sqlite }
    return nil
  }

  /// The format that a file's name gives away; that of what is inside for `.gz` and `.zst`.
  package static func byName(_ name: String) -> SourceFormat? {
    var name = Files.lastPart(of: name).lowercased()
    for suffix in [".gz", ".zst"] where name.hasSuffix(suffix) { name.removeLast(suffix.utf8.count) }
    if isLibSVMName(name) { return .libsvm }
    guard let dot = name.lastIndex(of: ".") else { return nil }
    return switch name[name.index(after: dot)...] {
    case "csv", "txt": .csv
    case "tsv", "tab": .tsv
    case "jsonl", "ndjson", "jsonlines", "json": .jsonl
    case "arrow", "arrows", "feather", "ipc": .arrow
    case "parquet", "pq": .parquet
    case "sqlite", "sqlite3", "db": .sqlite
    default: nil
    }
  }

  /// The format of a file: by its content where that is telling, else by its name, else JSON Lines where the text begins
  /// with a brace, else CSV.
  package static func detected(head: [UInt8], name: String) -> SourceFormat {
    if let format = byContent(head) ?? byName(name) { return format }
    let text = head.starts(with: [0xEF, 0xBB, 0xBF]) ? head.dropFirst(3) : head[...]
    let first = text.first { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") && $0 != 10 && $0 != 13 }
    return first == UInt8(ascii: "{") ? .jsonl : .csv
  }

  /// The first bytes of a file, decompressed; fewer where it is shorter. Throws `FileError`, `CompressedBytesError`.
  package static func firstBytes(of path: String) throws -> [UInt8] {
    let bytes = try ByteSource(path).open(ahead: false)
    var head = [UInt8](repeating: 0, count: 512)
    let count = try head.withUnsafeMutableBytes { try bytes.fill($0) }
    return Array(head.prefix(count))
  }

  /// The format of a file that is anything but text in cells, or compressed; nil for a CSV file as it stands, and for what
  /// is no file. Throws as `firstBytes`.
  package static func ofUnusual(_ path: String) throws -> SourceFormat? {
    guard let status = try Files.status(path), status.kind == .file else { return nil }
    let format = detected(head: try firstBytes(of: path), name: path)
    let compression = try ByteSource(path).compression
    let isPlain = format == .csv && compression == nil
    return isPlain || format == .libsvm ? nil : format
  }

  /// As in "expected a CSV file".
  package var phrase: String {
    switch self {
    case .csv: "a CSV file"
    case .tsv: "a TSV file"
    case .jsonl: "a JSON Lines file"
    case .arrow: "an Arrow file"
    case .parquet: "a Parquet file"
    case .sqlite: "an SQLite database"
    case .libsvm: "a libsvm file"
    }
  }
}
