/// Why bytes are not the flatbuffer they should be.
struct FlatbufferError: Error {}

/// A table inside an encoded flatbuffer that nobody vouches for: every step is checked against the bytes.
struct FlatbufferTable {
  private let bytes: UnsafeRawBufferPointer
  private let position: Int
  private let vtable: Int
  private let vtableSize: Int

  /// The root table of a buffer.
  init(root bytes: UnsafeRawBufferPointer) throws(FlatbufferError) {
    try self.init(bytes, reference: 0)
  }

  /// The table that the offset at `reference` points to.
  private init(_ bytes: UnsafeRawBufferPointer, reference: Int) throws(FlatbufferError) {
    self.bytes = bytes
    position = reference + Int(try bytes.checked(UInt32.self, at: reference))
    vtable = position - Int(try bytes.checked(Int32.self, at: position))
    vtableSize = Int(try bytes.checked(UInt16.self, at: vtable))
  }

  /// Where a field stands, nil where it is left out.
  private func field(_ slot: Int) throws(FlatbufferError) -> Int? {
    let entry = 4 + slot * 2
    guard entry + 2 <= vtableSize else { return nil }
    let offset = Int(try bytes.checked(UInt16.self, at: vtable + entry))
    return offset == 0 ? nil : position + offset
  }

  func scalar<Value: FixedWidthInteger>(_ slot: Int, default value: Value) throws(FlatbufferError) -> Value {
    guard let field = try field(slot) else { return value }
    return try bytes.checked(Value.self, at: field)
  }

  func table(_ slot: Int) throws(FlatbufferError) -> FlatbufferTable? {
    guard let field = try field(slot) else { return nil }
    return try FlatbufferTable(bytes, reference: field)
  }

  func string(_ slot: Int) throws(FlatbufferError) -> String {
    guard let field = try field(slot) else { throw FlatbufferError() }
    let (start, count) = try vector(at: field, elementSize: 1)
    guard let text = String(validating: bytes[start..<start + count], as: UTF8.self) else { throw FlatbufferError() }
    return text
  }

  /// The same, nil where it is left out.
  func optionalString(_ slot: Int) throws(FlatbufferError) -> String? {
    try field(slot) == nil ? nil : try string(slot)
  }

  /// The tables of a vector; none where it is left out.
  func tables(_ slot: Int) throws(FlatbufferError) -> [FlatbufferTable] {
    guard let field = try field(slot) else { return [] }
    let (start, count) = try vector(at: field, elementSize: 4)
    var tables: [FlatbufferTable] = []
    for index in 0..<count { tables.append(try FlatbufferTable(bytes, reference: start + index * 4)) }
    return tables
  }

  /// The structs of a vector, each as the 64-bit words it consists of; none where it is left out.
  func structs(_ slot: Int, words: Int) throws(FlatbufferError) -> [[Int64]] {
    guard let field = try field(slot) else { return [] }
    let (start, count) = try vector(at: field, elementSize: words * 8)
    var structs: [[Int64]] = []
    for index in 0..<count {
      var values: [Int64] = []
      for word in 0..<words { values.append(try bytes.checked(Int64.self, at: start + (index * words + word) * 8)) }
      structs.append(values)
    }
    return structs
  }

  private func vector(at field: Int, elementSize: Int) throws(FlatbufferError) -> (start: Int, count: Int) {
    let reference = field + Int(try bytes.checked(UInt32.self, at: field))
    let count = Int(try bytes.checked(UInt32.self, at: reference))
    guard count <= (bytes.count - reference - 4) / elementSize else { throw FlatbufferError() }
    return (reference + 4, count)
  }
}

extension UnsafeRawBufferPointer {
  /// A little-endian integer, refused where it would stand outside the bytes.
  func checked<Value: FixedWidthInteger>(_ type: Value.Type, at position: Int) throws(FlatbufferError) -> Value {
    guard position >= 0, position <= count - MemoryLayout<Value>.size else { throw FlatbufferError() }
    return Value(littleEndian: loadUnaligned(fromByteOffset: position, as: Value.self))
  }
}
