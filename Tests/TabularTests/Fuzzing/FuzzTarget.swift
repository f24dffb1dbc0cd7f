import Basics
import Diagnostics
import Glibc
import Testing

@testable import Tabular

/// A reader that is fuzzed: where its corpus is, and how it reads a file. A new reader is one more line of `all`.
struct FuzzTarget: Sendable, CustomTestStringConvertible {
  let name: String
  /// Files of `Fixtures` that mutation begins with.
  let corpus: String
  let suffixes: [String]
  /// Reads all of a file. Throws what the reader throws.
  let read: @Sendable (_ path: String, Cancellation) throws -> Void

  var testDescription: String { name }

  static let all: [FuzzTarget] = [
    FuzzTarget(name: "parquet", corpus: "corpus", suffixes: [".parquet"]) { try readAll(ParquetSource($0), $1) },
    FuzzTarget(name: "arrow", corpus: "corpus", suffixes: [".arrow", ".arrows"]) { try readAll(ArrowSource($0), $1) },
    FuzzTarget(name: "gzip", corpus: "bytes", suffixes: [".gz"]) { try readAll(ByteSource($0).open(cancellation: $1)) },
    FuzzTarget(name: "zstd", corpus: "bytes", suffixes: [".zst"]) {
      try readAll(ByteSource($0).open(cancellation: $1))
    },
    FuzzTarget(name: "csv", corpus: "csv", suffixes: [".csv"]) { path, cancellation in
      try eachFormat(declared: ["a": .integer]) { format in
        var format = format
        format.request = DialectRequest()
        try ingest(path) { output, badRows in
          let source = try CSVSource(path, format, threads: 2, pieceSize: 64, cancellation)
          return try ingestCSV(source, into: output, badRows: badRows, progress: { _ in })
        }
      }
    },
    FuzzTarget(name: "jsonl", corpus: "jsonl", suffixes: [".jsonl"]) { path, cancellation in
      try eachFormat(declared: ["a": .text]) { format in
        try ingest(path) { output, badRows in
          try ingestJSONLines(
            path, format: format, into: output, badRows: badRows, threads: 2, pieceSize: 64,
            cancellation: cancellation, progress: { _ in })
        }
      }
    },
    FuzzTarget(name: "sqlite", corpus: "sqlite", suffixes: [".sqlite"]) { path, cancellation in
      let rows = try readSQLite(path, named: path, .onlyTable, folder: "/tmp", cancellation: cancellation)
      try ingest(path) { output, _ in
        try ingestTyped(rows, into: output, threads: 2, cancellation: cancellation, progress: { _ in })
      }
    },
  ]

  /// Reads with nothing said, with bad rows left out, and with a declared type; then throws what the first did.
  private static func eachFormat(declared: [String: ColumnType], _ read: (CSVFormat) throws -> Void) throws {
    let first = Result { try read(CSVFormat()) }
    for format in [CSVFormat(badRows: .quarantine), CSVFormat(declared: declared, badRows: .quarantine)] {
      do { try read(format) } catch is any Diagnosable {}
    }
    try first.get()
  }

  /// Reads a file into a table and takes away what that leaves. A refusal of the file ends it.
  private static func ingest(
    _ path: String, _ read: (_ output: String, _ badRows: String) throws -> IngestReport
  ) throws {
    let (output, badRows) = (path + ".arrow", path + ".bad")
    defer {
      unlink(output)
      unlink(badRows)
    }
    let report = try read(output, badRows)
    #expect(try Table.open(output).rowCount == report.rowCount)
  }

  private static func readAll(_ source: some TypedSource, _ cancellation: Cancellation) throws {
    // Both ways: all columns side by side, and the rows as text.
    try source.eachBatch(
      of: Array(source.fields.indices), threads: 2, cancellation: cancellation
    ) { batch in try cancellation.check() }
    if let first = source.fields.indices.first {
      var rows = 0
      try source.eachBatch(of: [first], threads: 1, cancellation: cancellation) { batch in
        try cancellation.check()
        rows += batch.rowCount
      }
    }
  }

  private static func readAll(_ stream: any ByteStream) throws {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
    defer { buffer.deallocate() }
    while try stream.read(into: buffer) > 0 {}
  }
}
