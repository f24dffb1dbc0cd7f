import CZlib

/// The pages of one column within one row group, read one after the other.
struct ParquetPages {
  /// A page of data, ready to be read.
  struct Page {
    var levels: DefinitionLevels?
    var values: PageValues
    /// Rows, with and without a value.
    var rowCount: Int
    /// Keep the bytes of values and levels.
    var memory: OwnedBytes
    var levelMemory: OwnedBytes
  }

  private let file: SourceFile
  private let column: ParquetColumn
  private let codec: ParquetCodec
  private var position: Int
  private let end: Int
  private var dictionary: ParquetDictionary?

  /// No page is larger; writers cut them at a few MiB, but for dictionaries.
  private static let largestPage = 512 << 20

  init(_ file: SourceFile, _ column: ParquetColumn, _ chunk: ParquetMetadata.ColumnChunk) throws(ColumnarProblem) {
    self.file = file
    self.column = column
    if chunk.isEncrypted { throw .encrypted }
    if chunk.isElsewhere { throw .damaged("it lies in another file", column: column.name) }
    codec = try ParquetCodec(chunk.codec, column: column.name)
    let hasDictionary = chunk.dictionaryOffset > 0 && chunk.dictionaryOffset < chunk.dataOffset
    position = hasDictionary ? chunk.dictionaryOffset : chunk.dataOffset
    guard position >= 4, chunk.compressedSize >= 0, position <= file.size,
      chunk.compressedSize <= file.size - position
    else { throw .damaged("its pages lie outside the file", column: column.name) }
    end = position + chunk.compressedSize
  }

  /// The next page of data; nil at the end. Throws `ColumnarProblem` and `FileError`.
  mutating func next() throws -> Page? {
    while position < end {
      let header = try readHeader()
      guard header.compressedSize >= 0, header.compressedSize <= end - position, header.uncompressedSize >= 0 else {
        throw ColumnarProblem.damaged("a page is longer than its column")
      }
      guard header.uncompressedSize <= Self.largestPage else {
        throw ColumnarProblem.tooLarge(
          "a page takes \(header.uncompressedSize) bytes, expected 512 MiB at most", column: nil)
      }
      let start = position
      position += header.compressedSize
      switch header.kind {
      case .data, .dataV2:
        return try readData(header, try body(start, header))
      case .dictionary:
        guard let encoding = ParquetEncoding(rawValue: header.encoding),
          encoding == .plain || encoding == .plainDictionary,
          dictionary == nil, column.type != .boolean
        else { throw ColumnarProblem.damaged("it has a dictionary that cannot be") }
        let page = try decompressed(try body(start, header), size: header.uncompressedSize)
        dictionary = try ParquetDictionary(
          page, count: header.valueCount, width: column.type == .byteArray ? nil : column.width)
      case .index, nil: continue
      }
    }
    return nil
  }

  /// Reads more of a header as long as it does not end: statistics in it may be long.
  private mutating func readHeader() throws -> ParquetPageHeader {
    var size = 256
    while true {
      let bytes = try file.read(position..<min(end, position + size))
      do {
        let header = try bytes.withBytes { try ParquetPageHeader($0) }
        position += header.size
        return header
      } catch is ThriftReader.EndOfBytes {
        guard size < end - position, size < 16 << 20 else { throw ColumnarProblem.damaged("a page has no header") }
        size *= 8
      }
    }
  }

  private func body(_ start: Int, _ header: ParquetPageHeader) throws -> OwnedBytes {
    let body = try file.read(start..<start + header.compressedSize)
    if let checksum = header.checksum {
      let found = body.withBytes { crc32_z(0, $0.baseAddress?.assumingMemoryBound(to: UInt8.self), $0.count) }
      guard UInt32(truncatingIfNeeded: found) == checksum else {
        throw ColumnarProblem.damaged("a page has not the checksum that its header says")
      }
    }
    return body
  }

  private func decompressed(_ body: OwnedBytes, from start: Int = 0, size: Int) throws -> OwnedBytes {
    if codec == .none, start == 0, size == body.count { return body }
    let page = OwnedBytes(count: size)
    if size > 0 {
      try codec.decompress(UnsafeRawBufferPointer(rebasing: body.bytes[start...]), into: page.mutableBytes)
    }
    return page
  }

  private func readData(_ header: ParquetPageHeader, _ body: OwnedBytes) throws -> Page {
    guard let encoding = ParquetEncoding(rawValue: header.encoding) else {
      throw ColumnarProblem.unsupportedEncoding("encoding \(header.encoding)", column: column.name)
    }
    guard header.valueCount >= 0 else { throw ColumnarProblem.damaged("a page has less than no rows") }
    var memory = body
    var levels: DefinitionLevels?
    var start = 0
    if header.kind == .dataV2 {
      // The levels stand before the values and are never compressed.
      let (skipped, size) = (header.repetitionSize, header.definitionSize)
      guard skipped >= 0, size >= 0, skipped <= body.count, size <= body.count - skipped,
        header.uncompressedSize >= skipped + size
      else { throw ColumnarProblem.damaged("a page ends in the middle of its levels") }
      if column.isOptional {
        levels = try DefinitionLevels(runs: UnsafeRawBufferPointer(rebasing: body.bytes[skipped..<skipped + size]))
      }
      start = skipped + size
      if header.isCompressed, codec != .none {
        memory = try decompressed(body, from: start, size: header.uncompressedSize - start)
        start = 0
      }
    } else {
      memory = try decompressed(body, size: header.uncompressedSize)
      if column.isOptional { levels = try readLevels(memory.bytes, header, &start) }
    }
    let values = try PageValues(
      UnsafeRawBufferPointer(rebasing: memory.bytes[start...]), encoding: encoding, type: column.type,
      width: column.width, dictionary: dictionary, column: column.name)
    return Page(levels: levels, values: values, rowCount: header.valueCount, memory: memory, levelMemory: body)
  }

  /// The levels of a page of version 1, which stand before its values.
  private func readLevels(
    _ bytes: UnsafeRawBufferPointer, _ header: ParquetPageHeader, _ start: inout Int
  ) throws(ColumnarProblem) -> DefinitionLevels {
    let problem = ColumnarProblem.damaged("a page ends in the middle of its levels")
    if header.definitionEncoding == ParquetEncoding.bitPacked.rawValue {
      let size = (header.valueCount + 7) / 8
      guard size <= bytes.count else { throw problem }
      start = size
      return DefinitionLevels(bits: UnsafeRawBufferPointer(rebasing: bytes[..<size]))
    }
    guard bytes.count >= 4 else { throw problem }
    let size = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
    guard size <= bytes.count - 4 else { throw problem }
    start = 4 + size
    return try DefinitionLevels(runs: UnsafeRawBufferPointer(rebasing: bytes[4..<start]))
  }
}
