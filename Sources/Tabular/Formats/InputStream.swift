package import Basics
import Glibc

/// What comes from a descriptor, such as standard input, decompressed where it is compressed, in whatever format its first
/// bytes tell.
package struct InputStream {
  /// CSV where nothing tells otherwise.
  package let format: SourceFormat
  private let name: String
  private let bytes: any ByteStream

  /// Looks at the first bytes; the descriptor stays open. Messages call it `name`. Throws as `ByteStream.read`.
  package init(descriptor: Int32, named name: String, cancellation: Cancellation = .process) throws {
    let peeked = PeekedBytes(try openBytes(descriptor: descriptor, named: name, cancellation: cancellation))
    bytes = peeked
    self.name = name
    var head = try peeked.peek(4)
    // No more is waited for than it takes to tell.
    if head.starts(with: "ARRO".utf8) || head.starts(with: "SQLi".utf8) { head = try peeked.peek(16) }
    format = SourceFormat.detected(head: head, name: "")
  }

  /// The rows of CSV.
  package func csv(wanted: [Field], keep: [String], format: CSVFormat) -> CSVBatches {
    CSVBatches(stream: bytes, named: name, wanted: wanted, keep: keep, format: format)
  }

  /// The rows of JSON Lines, as they come.
  package func jsonLines(wanted: [Field], keep: [String], format: CSVFormat) -> JSONLinesBatches {
    JSONLinesBatches(
      bytes, named: name, wanted: wanted, keep: keep, missing: format.missing, cancellation: .process)
  }

  /// The rows of a libsvm file.
  package func libSVM(keep: [String]) -> LibSVMBatches { LibSVMBatches(stream: bytes, named: name, keep: keep) }

  /// The rows of a format that must be read anywhere: all bytes are kept in a temporary file first.
  package func file(
    wanted: [Field], keep: [String], csv: CSVFormat, selection: SQLiteSelection = .onlyTable, threads: Int
  ) throws -> FileBatches {
    let folder = try makeTemporaryFolder()
    defer { try? Files.removeTree(folder) }
    let path = folder + "/input"
    let file = try FileHandle(creating: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    while case let count = try bytes.fill(buffer), count > 0 {
      try file.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    return try FileBatches(
      path: path, named: name, format: format, wanted: wanted, keep: keep, csv: csv, selection: selection,
      threads: threads)
  }
}

/// A stream whose first bytes can be looked at before they are read.
final class PeekedBytes: ByteStream {
  private let stream: any ByteStream
  private var pending: [UInt8] = []

  init(_ stream: any ByteStream) { self.stream = stream }

  var consumed: Int { stream.consumed }

  /// The first `count` bytes, fewer where there are no more.
  func peek(_ count: Int) throws -> [UInt8] {
    var more = [UInt8](repeating: 0, count: max(0, count - pending.count))
    let received = try more.withUnsafeMutableBytes { try stream.fill($0) }
    pending += more[..<received]
    return pending
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    if pending.isEmpty { return try stream.read(into: buffer) }
    let count = min(pending.count, buffer.count)
    buffer.copyBytes(from: pending[..<count])
    pending.removeFirst(count)
    return count
  }
}

/// A folder of this process alone, where temporary files go.
func makeTemporaryFolder() throws -> String {
  let folder = (environmentValue("TMPDIR") ?? "/tmp") + "/mlflowctl-" + uniqueSuffix()
  try Files.makeFolder(folder)
  return folder
}
