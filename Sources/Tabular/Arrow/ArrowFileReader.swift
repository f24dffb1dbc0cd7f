import Basics

extension Table {
  /// Maps an Arrow IPC file that was written here; nothing is copied but the dictionaries. O(columns × row groups).
  ///
  /// Every offset and length is checked before it is used, so that a damaged file is an error, never a crash. Throws
  /// `FileError` where the file cannot be read and `TableError.damagedFile` where it is not such a file.
  package static func open(_ path: String) throws -> Table {
    let file = try MappedFile(path)
    let reader = ArrowFileReader(file)
    do {
      return try reader.table()
    } catch let error as ArrowDamage {
      throw TableError.damagedFile(path, error.what)
    } catch is FlatbufferError {
      throw TableError.damagedFile(path, "its metadata is malformed")
    }
  }
}

/// What is wrong with a file.
private struct ArrowDamage: Error {
  var what: String

  init(_ what: String) { self.what = what }
}

private struct ArrowFileReader {
  private let file: MappedFile
  private var bytes: UnsafeRawBufferPointer { file.bytes }

  init(_ file: MappedFile) { self.file = file }

  func table() throws -> Table {
    let footer = try self.footer()
    guard let schema = try footer.table(1) else { throw ArrowDamage("it has no schema") }
    let fields = try schema.tables(1).enumerated().map { try field($1, id: $0) }
    guard Set(fields.map(\.name)).count == fields.count else { throw ArrowDamage("two columns have one name") }
    let dictionaries = try readDictionaries(try footer.structs(2, words: 3), fields)
    var segments = [[ColumnSegment]](repeating: [], count: fields.count)
    var rowCounts: [Int] = []
    for block in try footer.structs(3, words: 3) {
      let (batch, body) = try message(block, ArrowFormat.Header.batch)
      let group = try readBatch(batch, body, fields.map(\.type))
      rowCounts.append(group.rowCount)
      for (index, segment) in group.segments.enumerated() { segments[index].append(segment) }
    }
    let groupRows = rowCounts.first ?? 0
    guard rowCounts.dropLast().allSatisfy({ $0 == groupRows && $0 > 0 }), rowCounts.last ?? 0 <= groupRows else {
      throw ArrowDamage("its row groups are of unequal size")
    }
    let columns = fields.indices.map { index in
      Column(
        field: fields[index], dictionary: dictionaries[index], segments: segments[index], segmentRows: groupRows,
        owners: [file])
    }
    return Table(columns: columns, rowCount: rowCounts.reduce(0, +), badRowCount: try badRowCount(footer))
  }

  private func footer() throws -> FlatbufferTable {
    let magic = ArrowFormat.magic
    guard bytes.count >= 2 * magic.count + 12, bytes.prefix(magic.count).elementsEqual(magic) else {
      throw ArrowDamage("it does not begin as an Arrow file")
    }
    guard bytes.suffix(magic.count).elementsEqual(magic) else { throw ArrowDamage("its end is missing") }
    let end = bytes.count - magic.count - 4
    let size = Int(try bytes.checked(UInt32.self, at: end))
    guard size <= end - magic.count else { throw ArrowDamage("its footer is malformed") }
    return try FlatbufferTable(root: UnsafeRawBufferPointer(rebasing: bytes[end - size..<end]))
  }

  /// Records of the source that were left out, as the metadata says.
  private func badRowCount(_ footer: FlatbufferTable) throws -> Int {
    for entry in try footer.tables(4) where try entry.string(0) == ArrowFormat.badRowsKey {
      guard let count = Int(try entry.string(1)), count >= 0 else { throw ArrowDamage("its metadata is malformed") }
      return count
    }
    return 0
  }

  private func field(_ field: FlatbufferTable, id: Int) throws -> Field {
    let name = try field.string(0)
    let type = try field.table(3)
    switch try field.scalar(2, default: UInt8(0)) {
    case ArrowFormat.TypeTag.int:
      guard try type?.scalar(0, default: Int32(0)) == 64 else { break }
      return Field(name: name, type: .integer)
    case ArrowFormat.TypeTag.floatingPoint:
      guard try type?.scalar(0, default: Int16(0)) == 2 else { break }
      return Field(name: name, type: .number)
    case ArrowFormat.TypeTag.bool: return Field(name: name, type: .boolean)
    case ArrowFormat.TypeTag.date:
      guard try type?.scalar(0, default: Int16(1)) == 0 else { break }
      return Field(name: name, type: .date)
    case ArrowFormat.TypeTag.timestamp:
      guard try type?.scalar(0, default: Int16(0)) == 2, try type?.string(1) == ArrowFormat.zone else { break }
      return Field(name: name, type: .timestamp)
    case ArrowFormat.TypeTag.largeText:
      guard let encoding = try field.table(4) else { return Field(name: name, type: .text) }
      guard try encoding.scalar(0, default: Int64(0)) == Int64(id) else { break }
      return Field(name: name, type: .category)
    case ArrowFormat.TypeTag.largeList:
      guard try holdsEntries(field) else { break }
      return Field(name: name, type: .sparse)
    default: break
    }
    throw ArrowDamage("column \(id + 1) is of a type that is not written here")
  }

  /// Whether a list holds structures of an int32 and a float64.
  private func holdsEntries(_ list: FlatbufferTable) throws -> Bool {
    let items = try list.tables(5)
    guard items.count == 1, try items[0].scalar(2, default: UInt8(0)) == ArrowFormat.TypeTag.structure else {
      return false
    }
    let parts = try items[0].tables(5)
    guard parts.count == 2, try parts[0].scalar(2, default: UInt8(0)) == ArrowFormat.TypeTag.int,
      try parts[1].scalar(2, default: UInt8(0)) == ArrowFormat.TypeTag.floatingPoint
    else { return false }
    return try parts[0].table(3)?.scalar(0, default: Int32(0)) == 32
      && parts[1].table(3)?.scalar(0, default: Int16(0)) == 2
  }

  /// The metadata and the body of the message at a block of the footer.
  private func message(_ block: [Int64], _ tag: UInt8) throws -> (header: FlatbufferTable, body: UnsafeRawBufferPointer)
  {
    let (offset, metadataSize, bodySize) = (Int(block[0]), Int(block[1] & 0xFFFF_FFFF), Int(block[2]))
    let alignment = ArrowFormat.alignment
    guard offset >= 8, metadataSize >= 8, bodySize >= 0, offset <= bytes.count, metadataSize <= bytes.count - offset,
      bodySize <= bytes.count - offset - metadataSize, (offset + metadataSize) % alignment == 0
    else { throw ArrowDamage("a row group lies outside the file") }
    let start = offset + metadataSize
    let metadata = UnsafeRawBufferPointer(rebasing: bytes[offset + 8..<start])
    let message = try FlatbufferTable(root: metadata)
    guard try message.scalar(1, default: UInt8(0)) == tag, let header = try message.table(2) else {
      throw ArrowDamage("a row group is not what its footer says")
    }
    return (header, UnsafeRawBufferPointer(rebasing: bytes[start..<start + bodySize]))
  }

  private func readBatch(
    _ batch: FlatbufferTable, _ body: UnsafeRawBufferPointer, _ types: [ColumnType]
  ) throws -> (rowCount: Int, segments: [ColumnSegment]) {
    let rowCount = Int(try batch.scalar(0, default: Int64(0)))
    let nodes = try batch.structs(1, words: 2)
    let places = try batch.structs(2, words: 2)
    // A row of the smallest column takes a bit, so that no sum below can overflow.
    guard rowCount >= 0, rowCount / 8 <= bytes.count,
      nodes.count == types.reduce(0, { $0 + $1.arrowParts.nodes }),
      places.count == types.reduce(0, { $0 + $1.arrowParts.buffers })
    else { throw ArrowDamage("a row group has not the columns of the schema") }
    let buffers = try places.map { try buffer($0, in: body) }
    var next = buffers.startIndex
    var nextNode = nodes.startIndex
    let segments = try types.map { type in
      let node = nodes[nextNode]
      let (validity, values) = (buffers[next], buffers[next + 1])
      let text = type == .text ? buffers[next + 2] : UnsafeRawBufferPointer(start: nil, count: 0)
      let entries = type == .sparse ? Array(buffers[next + 2..<next + 7]) : []
      let entryNodes = type == .sparse ? Array(nodes[nextNode + 1..<nextNode + 4]) : []
      next += type.arrowParts.buffers
      nextNode += type.arrowParts.nodes
      let missing = Int(node[1])
      guard Int(node[0]) == rowCount, missing >= 0, missing <= rowCount, values.count >= type.valueSize(rows: rowCount),
        missing == 0 || validity.count >= (rowCount + 7) / 8, let start = values.baseAddress ?? body.baseAddress
      else { throw ArrowDamage("a column is shorter than its row group") }
      var segment = ColumnSegment(
        rowCount: rowCount, missingCount: missing,
        validity: missing == 0 ? nil : validity.baseAddress?.assumingMemoryBound(to: UInt8.self), values: start,
        bytes: text.baseAddress?.assumingMemoryBound(to: UInt8.self), byteCount: text.count)
      if type == .sparse { try readEntries(entries, entryNodes, into: &segment) }
      return segment
    }
    return (rowCount, segments)
  }

  private func readEntries(
    _ buffers: [UnsafeRawBufferPointer], _ nodes: [[Int64]], into segment: inout ColumnSegment
  ) throws {
    let count = Int(nodes[0][0])
    guard count >= 0, count <= bytes.count, nodes.allSatisfy({ Int($0[0]) == count && $0[1] == 0 }),
      buffers[2].count >= count * 4, buffers[4].count >= count * 8
    else { throw ArrowDamage("the entries of a sparse column do not fit its rows") }
    segment.indices = buffers[2].baseAddress?.assumingMemoryBound(to: Int32.self)
    segment.numbers = buffers[4].baseAddress?.assumingMemoryBound(to: Double.self)
    segment.entryCount = count
  }

  private func buffer(_ place: [Int64], in body: UnsafeRawBufferPointer) throws -> UnsafeRawBufferPointer {
    let (offset, count) = (Int(place[0]), Int(place[1]))
    guard offset >= 0, count >= 0, offset <= body.count, count <= body.count - offset,
      offset % ArrowFormat.alignment == 0
    else { throw ArrowDamage("a column lies outside its row group") }
    return UnsafeRawBufferPointer(rebasing: body[offset..<offset + count])
  }

  private func readDictionaries(_ blocks: [[Int64]], _ fields: [Field]) throws -> [[String]] {
    var dictionaries = [[String]](repeating: [], count: fields.count)
    var seen: Set<Int> = []
    for block in blocks {
      let (header, body) = try message(block, ArrowFormat.Header.dictionary)
      let id = Int(try header.scalar(0, default: Int64(0)))
      guard fields.indices.contains(id), fields[id].type == .category, seen.insert(id).inserted,
        let batch = try header.table(1)
      else { throw ArrowDamage("a dictionary belongs to no column") }
      let (rowCount, segments) = try readBatch(batch, body, [.text])
      dictionaries[id] = (0..<rowCount).map { String(decoding: segments[0].text($0), as: UTF8.self) }
    }
    guard seen.count == fields.count(where: { $0.type == .category }) else {
      throw ArrowDamage("a dictionary is missing")
    }
    return dictionaries
  }
}
