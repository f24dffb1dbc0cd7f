/// The messages of an Arrow file or stream, in the order in which they must be read. Only their heads were read.
///
/// Source: Apache Arrow, "Arrow Columnar Format", section "Serialization and Interprocess Communication", and `Message.fbs`,
/// `File.fbs`.
struct ArrowMessages: Sendable {
  /// Rows of some columns: where their buffers lie in the file.
  struct Batch: Sendable {
    var rowCount: Int
    var columns: [Place]
    var compression: ArrowCompression?
  }

  /// Where a column lies: its buffers, that of missing values first.
  struct Place: Sendable {
    var missingCount: Int
    var buffers: [Range<Int>]
  }

  struct Dictionary: Sendable {
    var batch: Batch
    /// Whether its values come behind those that are known.
    var isDelta: Bool
  }

  enum Message: Sendable {
    case batch(Batch)
    case dictionary(id: Int, Dictionary)
  }

  private(set) var columns: [ArrowColumn] = []
  private(set) var messages: [Message] = []
  private let file: SourceFile
  /// Of all batches so far.
  private var bufferCount = 0

  static let magic = Array("ARROW1".utf8)

  /// Throws `ColumnarProblem` and `FileError`.
  init(_ file: SourceFile) throws {
    self.file = file
    let head = try file.read(0..<min(file.size, Self.magic.count)).withBytes { Array($0) }
    do {
      if head == Self.magic { try readFile() } else { try readStream() }
    } catch is FlatbufferError {
      throw ColumnarProblem.damaged("its metadata is malformed")
    }
  }

  /// Whether bytes begin a stream: its schema, behind a mark and its length, or the length alone as it was before 2019.
  static func beginsStream(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 8 else { return false }
    return bytes.starts(with: [0xFF, 0xFF, 0xFF, 0xFF]) && bytes[7] == 0
  }

  private mutating func readFile() throws {
    let size = file.size
    guard size >= 8 + 10 else { throw ColumnarProblem.truncated }
    let (footerSize, end) = try file.read(size - 10..<size).withBytes { tail in
      (Int(Int32(littleEndian: tail.loadUnaligned(as: Int32.self))), Array(tail.suffix(6)))
    }
    guard end == Self.magic else { throw ColumnarProblem.truncated }
    guard footerSize > 0, footerSize <= size - 18, footerSize <= Self.largestHead else {
      throw ColumnarProblem.damaged("its footer has an impossible length")
    }
    try file.read(size - 10 - footerSize..<size - 10).withBytes { bytes in
      let footer = try FlatbufferTable(root: bytes)
      guard let schema = try footer.table(1) else { throw ColumnarProblem.damaged("it has no schema") }
      columns = try ArrowColumn.all(of: schema)
      for slot in [2, 3] {
        for block in try footer.structs(slot, words: 3) {
          guard let offset = Int(exactly: block[0]), offset >= 0, offset < size,
            try readMessage(at: offset) != nil
          else { throw ColumnarProblem.damaged("a batch lies outside the file") }
        }
      }
    }
    var ids: Set<Int> = []
    for case .dictionary(let id, let dictionary) in messages where !dictionary.isDelta {
      guard ids.insert(id).inserted else { throw ColumnarProblem.damaged("a dictionary appears twice") }
    }
  }

  private mutating func readStream() throws {
    var position = 0
    var hasSchema = false
    while position < file.size {
      guard let (next, isSchema) = try readMessage(at: position) else { break }
      guard isSchema != hasSchema else { throw ColumnarProblem.damaged("it has not one schema, and that first") }
      hasSchema = true
      position = next
    }
    guard hasSchema else { throw ColumnarProblem.otherFormat }
  }

  /// No head of a message takes more.
  private static let largestHead = 256 << 20

  /// Reads the head of the message at an offset; nil where the end of the stream is marked.
  private mutating func readMessage(at offset: Int) throws -> (end: Int, isSchema: Bool)? {
    guard offset <= file.size - 4 else { throw ColumnarProblem.truncated }
    let head = try file.read(offset..<min(file.size, offset + 8)).withBytes { Array($0) }
    func word(_ at: Int) -> Int {
      Int(Int32(truncatingIfNeeded: head[at..<at + 4].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }))
    }
    var (start, size) = (offset + 4, word(0))
    if size == -1 {
      guard head.count == 8 else { throw ColumnarProblem.truncated }
      (start, size) = (offset + 8, word(4))
    }
    if size == 0 { return nil }
    guard size > 0, size <= Self.largestHead else {
      throw offset == 0 ? ColumnarProblem.otherFormat : .damaged("a message has an impossible length")
    }
    guard size <= file.size - start else { throw offset == 0 ? ColumnarProblem.otherFormat : .truncated }
    return try file.read(start..<start + size).withBytes { bytes in
      let message = try FlatbufferTable(root: bytes)
      let bodySize = Int(try message.scalar(3, default: Int64(0)))
      let body = start + size
      guard bodySize >= 0 else { throw ColumnarProblem.damaged("a message has an impossible length") }
      guard bodySize <= file.size - body else { throw ColumnarProblem.truncated }
      let header = try message.table(2)
      let tag = try message.scalar(1, default: UInt8(0))
      guard let header else { throw ColumnarProblem.damaged("a message is empty") }
      switch tag {
      case ArrowFormat.Header.schema: columns = try ArrowColumn.all(of: header)
      case ArrowFormat.Header.dictionary: try addDictionary(header, body..<body + bodySize)
      case ArrowFormat.Header.batch:
        messages.append(.batch(try batch(header, columns, body..<body + bodySize)))
      default: throw ColumnarProblem.damaged("a message holds neither rows nor a dictionary")
      }
      return (body + bodySize, tag == ArrowFormat.Header.schema)
    }
  }

  private mutating func addDictionary(_ header: FlatbufferTable, _ body: Range<Int>) throws {
    let id = Int(try header.scalar(0, default: Int64(0)))
    guard let data = try header.table(1), let column = columns.first(where: { $0.encoding?.id == id }) else {
      throw ColumnarProblem.damaged("a dictionary belongs to no column")
    }
    let isDelta = try header.scalar(2, default: UInt8(0)) != 0
    messages.append(.dictionary(id: id, Dictionary(batch: try batch(data, [column.values], body), isDelta: isDelta)))
  }

  /// Where the buffers of a batch lie. Each is checked to lie in its body.
  private mutating func batch(
    _ header: FlatbufferTable, _ columns: [ArrowColumn], _ body: Range<Int>
  ) throws -> Batch {
    let rowCount = Int(try header.scalar(0, default: Int64(0)))
    let nodes = try header.structs(1, words: 2)
    let buffers = try header.structs(2, words: 2).map { place in
      guard let offset = Int(exactly: place[0]), let count = Int(exactly: place[1]), offset >= 0, count >= 0,
        offset <= body.count, count <= body.count - offset
      else { throw ColumnarProblem.damaged("a buffer lies outside its batch") }
      return body.lowerBound + offset..<body.lowerBound + offset + count
    }
    let variadic = try header.structs(4, words: 1).map { $0[0] }
    guard rowCount >= 0, rowCount <= Int.max / 1024, nodes.count == columns.count else {
      throw ColumnarProblem.damaged("a batch has not the columns of the schema")
    }
    var compression: ArrowCompression?
    if let table = try header.table(3) {
      guard let known = ArrowCompression(rawValue: try table.scalar(0, default: UInt8(0))) else {
        throw ColumnarProblem.unsupportedCodec("an unknown codec", column: columns.first?.name ?? "")
      }
      compression = known
    }
    var next = 0
    var nextVariadic = 0
    let places = try zip(columns, nodes).map { column, node in
      var count: Int
      switch column.batchLayout {
      case .none: count = 0
      case .bits, .fixed: count = 2
      case .offsets: count = 3
      case .views:
        guard nextVariadic < variadic.count, (0...Int64(Int32.max)).contains(variadic[nextVariadic]) else {
          throw ColumnarProblem.damaged("a batch has not the buffers of its columns")
        }
        count = 2 + Int(variadic[nextVariadic])
        nextVariadic += 1
      }
      guard node[0] == rowCount, node[1] >= 0, node[1] <= rowCount, count <= buffers.count - next else {
        throw ColumnarProblem.damaged("a batch has not the buffers of its columns")
      }
      defer { next += count }
      return Place(missingCount: Int(node[1]), buffers: Array(buffers[next..<next + count]))
    }
    // Each takes 16 bytes of the file, unless its footer names the same batch again and again.
    bufferCount += buffers.count + nodes.count
    guard bufferCount <= file.size / 16 else { throw ColumnarProblem.damaged("a batch appears twice") }
    guard next == buffers.count else { throw ColumnarProblem.damaged("a batch has not the buffers of its columns") }
    return Batch(rowCount: rowCount, columns: places, compression: compression)
  }
}
