import Basics

/// Writes an Arrow IPC file row group after row group. The bytes depend on schema, dictionaries and values alone.
///
/// The file is not flushed to the disk: it is written to staging, and the store that takes it in flushes it.
struct ArrowFileWriter: ~Copyable {
  private let file: FileHandle
  private let fields: [Field]
  private var position = 0
  private var pace: WritingPace
  private var dictionaries: [[String]]
  private var batchBlocks: [Block] = []
  /// Where the codes of each category column stand in each row group, and the bitmap of those that are there.
  private var codePlaces: [[(codes: Int, validity: Int?, rows: Int)]]
  /// Of the bytes so far; nil once some were written over.
  private var hasher: ContentHasher? = ContentHasher()
  /// Records of the source that were left out; nil where none may be.
  var badRows: Int?

  /// Where a message stands in the file.
  private struct Block {
    var offset, metadataSize, bodySize: Int
  }

  /// What a message body holds: the rows, and for each buffer its memory.
  private struct Body {
    var rowCount: Int
    var nodes: [(rows: Int, missing: Int)] = []
    var buffers: [UnsafeRawBufferPointer] = []

    var size: Int { buffers.reduce(0) { $0 + padded($1.count) } }
  }

  /// Begins a file. `dictionaries` has an entry for each field, empty for those that are no categories; they may be set as
  /// long as the file is not finished. `path` must not exist yet.
  static func creating(
    _ path: String, fields: [Field], dictionaries: [[String]], pace: WritingPace = WritingPace()
  ) throws -> ArrowFileWriter {
    var writer = ArrowFileWriter(file: try FileHandle(creating: path), fields: fields, dictionaries, pace)
    try writer.write { $0.append(ArrowFormat.magic + [0, 0]) }
    _ = try writer.writeMessage(ArrowFormat.Header.schema, ArrowFormat.schema(fields), body: nil)
    return writer
  }

  private init(file: consuming FileHandle, fields: [Field], _ dictionaries: [[String]], _ pace: WritingPace) {
    self.pace = pace
    self.file = file
    self.fields = fields
    self.dictionaries = dictionaries
    codePlaces = Array(repeating: [], count: fields.count)
  }

  /// Gives a category column its levels, where its codes were written by other numbers: code c becomes `positions[c]`.
  mutating func setDictionary(_ levels: [String], positions: [Int32], of column: Int) throws {
    dictionaries[column] = levels
    if positions.enumerated().allSatisfy({ $0.offset == Int($0.element) }) { return }
    hasher = nil
    for place in codePlaces[column] {
      var codes = [Int32](repeating: 0, count: place.rows)
      _ = try codes.withUnsafeMutableBytes { try file.read(into: $0, at: place.codes) }
      var validity = [UInt8](repeating: 0xFF, count: (place.rows + 7) / 8)
      if let offset = place.validity { _ = try validity.withUnsafeMutableBytes { try file.read(into: $0, at: offset) } }
      for row in codes.indices where validity[row >> 3] & (1 << UInt8(row & 7)) != 0 {
        codes[row] = positions[Int(codes[row])]
      }
      try codes.withUnsafeBytes { try file.write($0, at: place.codes) }
    }
  }

  private mutating func writeDictionary(_ levels: [String], id: Int) throws -> Block {
    let buffer = SegmentBuffer(.text, rowCount: levels.count)
    for (row, level) in levels.enumerated() {
      var level = level
      level.withUTF8 { buffer.set(row, text: $0) }
    }
    return try withExtendedLifetime(buffer) {
      let body = body(rowCount: levels.count, [buffer.segment], [.text])
      let header = Flatbuffer.table([.int64(Int64(id)), batch(body), .int8(0)])
      return try writeMessage(ArrowFormat.Header.dictionary, header, body: body)
    }
  }

  /// Writes one row group: a segment for each field, all of `rowCount` rows, which is `ArrowFormat.rowsPerGroup` for all
  /// groups but the last.
  mutating func writeGroup(rowCount: Int, _ segments: [ColumnSegment]) throws {
    let body = body(rowCount: rowCount, segments, fields.map(\.type))
    let block = try writeMessage(ArrowFormat.Header.batch, batch(body), body: body)
    batchBlocks.append(block)
    noteCodes(rowCount: rowCount, body, at: block.offset + block.metadataSize)
    file.startFlushing(block.offset..<position)
  }

  private mutating func noteCodes(rowCount: Int, _ body: Body, at start: Int) {
    var offset = start
    var next = 0
    for (index, field) in fields.enumerated() {
      if field.type == .category {
        let validitySize = body.buffers[next].count
        codePlaces[index].append((offset + padded(validitySize), validitySize > 0 ? offset : nil, rowCount))
      }
      for _ in 0..<field.type.arrowParts.buffers {
        offset += padded(body.buffers[next].count)
        next += 1
      }
    }
  }

  /// Writes what closes the file: the dictionaries, and where everything stands. Nothing may be written afterwards. The
  /// digest of all bytes, where it was taken on the way.
  @discardableResult
  consuming func finish() throws -> Digest? {
    var dictionaryBlocks: [Block] = []
    for (index, field) in fields.enumerated() where field.type == .category {
      dictionaryBlocks.append(try writeDictionary(dictionaries[index], id: index))
    }
    let footer = Flatbuffer.table([
      .int16(ArrowFormat.version), ArrowFormat.schema(fields), blocks(dictionaryBlocks), blocks(batchBlocks),
      badRows.map { .tables([ArrowFormat.badRows($0)]) },
    ]).encoded()
    try write {
      $0.append([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0] + footer)
      $0.append(littleEndian(UInt32(footer.count)) + ArrowFormat.magic)
    }
    return hasher.take()?.finish()
  }

  private func body(rowCount: Int, _ segments: [ColumnSegment], _ types: [ColumnType]) -> Body {
    var body = Body(rowCount: rowCount)
    for (segment, type) in zip(segments, types) {
      body.nodes.append((rowCount, segment.missingCount))
      let validitySize = segment.validity == nil ? 0 : (rowCount + 7) / 8
      body.buffers.append(UnsafeRawBufferPointer(start: segment.validity, count: validitySize))
      body.buffers.append(UnsafeRawBufferPointer(start: segment.values, count: type.valueSize(rows: rowCount)))
      if type == .text {
        body.buffers.append(UnsafeRawBufferPointer(start: segment.bytes, count: segment.byteCount))
      } else if type == .sparse {
        body.nodes += [(rows: Int, missing: Int)](repeating: (segment.entryCount, 0), count: 3)
        let none = UnsafeRawBufferPointer(start: nil, count: 0)
        body.buffers += [
          none, none, UnsafeRawBufferPointer(start: segment.indices, count: segment.entryCount * 4), none,
          UnsafeRawBufferPointer(start: segment.numbers, count: segment.entryCount * 8),
        ]
      }
    }
    return body
  }

  private func batch(_ body: Body) -> Flatbuffer {
    var nodes: [UInt8] = []
    for node in body.nodes { nodes += littleEndian(Int64(node.rows)) + littleEndian(Int64(node.missing)) }
    var buffers: [UInt8] = []
    var offset = 0
    for buffer in body.buffers {
      buffers += littleEndian(Int64(offset)) + littleEndian(Int64(buffer.count))
      offset += padded(buffer.count)
    }
    return .table([
      .int64(Int64(body.rowCount)), .structs(nodes, count: body.nodes.count),
      .structs(buffers, count: body.buffers.count),
    ])
  }

  private func blocks(_ blocks: [Block]) -> Flatbuffer {
    var encoded: [UInt8] = []
    for block in blocks {
      encoded += littleEndian(Int64(block.offset)) + littleEndian(Int64(block.metadataSize))
      encoded += littleEndian(Int64(block.bodySize))
    }
    return .structs(encoded, count: blocks.count)
  }

  private mutating func writeMessage(_ tag: UInt8, _ header: Flatbuffer, body: Body?) throws -> Block {
    let start = position
    let metadata = Flatbuffer.table([
      .int16(ArrowFormat.version), .int8(tag), header, .int64(Int64(body?.size ?? 0)),
    ]).encoded()
    // The metadata is padded so that the body begins at a multiple of 64 bytes.
    let metadataSize = padded(start + 8 + metadata.count) - start - 8
    try write { message in
      message.append([0xFF, 0xFF, 0xFF, 0xFF] + littleEndian(UInt32(metadataSize)) + metadata)
      message.append([UInt8](repeating: 0, count: metadataSize - metadata.count))
      for buffer in body?.buffers ?? [] {
        message.append(buffer)
        message.append([UInt8](repeating: 0, count: padded(buffer.count) - buffer.count))
      }
    }
    return Block(offset: start, metadataSize: metadataSize + 8, bodySize: body?.size ?? 0)
  }

  private mutating func write(_ gather: (inout GatheredBytes) -> Void) throws {
    var bytes = GatheredBytes()
    gather(&bytes)
    try bytes.withPieces { pieces in
      for piece in pieces { hasher?.update(piece) }
      let size = pieces.reduce(0) { $0 + $1.count }
      try pace.write(size, at: position) { isWhole in
        if isWhole { try file.write(pieces) } else { for piece in pieces { try file.write(piece) } }
      }
      position += size
    }
  }
}

/// Bytes that are written together: few of them are copied, many stay where they are until then.
private struct GatheredBytes {
  private enum Piece {
    /// So many of `copied`.
    case small(Int)
    case large(UnsafeRawBufferPointer)
  }

  private var pieces: [Piece] = []
  private var copied: [UInt8] = []

  mutating func append(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { copy($0) }
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count < 1 << 14 { copy(bytes) } else { pieces.append(.large(bytes)) }
  }

  private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
    if bytes.isEmpty { return }
    copied.append(contentsOf: bytes)
    if case .small(let count) = pieces.last {
      pieces[pieces.count - 1] = .small(count + bytes.count)
    } else {
      pieces.append(.small(bytes.count))
    }
  }

  func withPieces<Result>(_ body: ([UnsafeRawBufferPointer]) throws -> Result) rethrows -> Result {
    try copied.withUnsafeBytes { copied in
      var start = 0
      return try body(
        pieces.map { piece in
          switch piece {
          case .large(let bytes): return bytes
          case .small(let count):
            defer { start += count }
            return UnsafeRawBufferPointer(rebasing: copied[start..<start + count])
          }
        })
    }
  }
}

private func padded(_ size: Int) -> Int {
  (size + ArrowFormat.alignment - 1) / ArrowFormat.alignment * ArrowFormat.alignment
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
