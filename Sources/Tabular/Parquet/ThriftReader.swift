/// Reads Thrift's compact protocol from bytes that nobody vouches for.
///
/// Source: apache/thrift, "Thrift Compact protocol encoding".
struct ThriftReader {
  enum FieldType: UInt8 {
    case `true` = 1
    case `false`, int8, int16, int32, int64, double, binary, list, set, map, structure
  }

  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0
  private static let deepest = 32

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Thrown where the bytes end too early: more of them may help.
  struct EndOfBytes: Error {}

  private func malformed() -> ColumnarProblem { .damaged("its metadata is malformed") }

  private mutating func byte() throws -> UInt8 {
    guard position < bytes.count else { throw EndOfBytes() }
    position += 1
    return bytes[position - 1]
  }

  private mutating func varint() throws -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, through: 63, by: 7) {
      let next = try byte()
      value |= UInt64(next & 0x7F) << UInt64(shift)
      if next < 0x80 { return value }
    }
    throw malformed()
  }

  /// An integer of any width.
  mutating func integer() throws -> Int {
    let value = try varint()
    return Int(Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1))
  }

  mutating func int8() throws -> Int { Int(Int8(bitPattern: try byte())) }

  private mutating func binary() throws -> UnsafeRawBufferPointer {
    let count = try varint()
    guard count <= UInt64(bytes.count - position) else { throw EndOfBytes() }
    defer { position += Int(count) }
    return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)])
  }

  mutating func string() throws -> String {
    guard let text = String(validating: try binary(), as: UTF8.self) else { throw malformed() }
    return text
  }

  /// Calls `body` with the number and type of each field of a structure; where it returns false, the field is passed over.
  mutating func eachField(
    depth: Int = 0, _ body: (inout ThriftReader, _ field: Int, FieldType) throws -> Bool
  ) throws {
    guard depth < Self.deepest else { throw malformed() }
    var number = 0
    while true {
      let header = try byte()
      if header == 0 { return }
      guard let type = FieldType(rawValue: header & 0x0F) else { throw malformed() }
      number = header >> 4 == 0 ? try integer() : number + Int(header >> 4)
      guard (0...32_767).contains(number) else { throw malformed() }
      if try !body(&self, number, type) { try skip(type, depth: depth + 1) }
    }
  }

  /// The elements of a list, each read by `read`. Nothing is reserved by the count that the bytes state.
  mutating func list<Element>(
    limit: Int = .max, _ read: (inout ThriftReader) throws -> Element
  ) throws -> [Element] {
    let (count, _) = try listHeader()
    guard count <= limit else { throw malformed() }
    var elements: [Element] = []
    for _ in 0..<count { elements.append(try read(&self)) }
    return elements
  }

  private mutating func listHeader() throws -> (count: Int, type: FieldType) {
    let header = try byte()
    let count = header >> 4 == 15 ? try varint() : UInt64(header >> 4)
    guard let type = FieldType(rawValue: header & 0x0F) else { throw malformed() }
    // An element takes a byte at least.
    guard count <= UInt64(bytes.count - position) else { throw EndOfBytes() }
    return (Int(count), type)
  }

  private mutating func skip(_ type: FieldType, depth: Int) throws {
    guard depth < Self.deepest else { throw malformed() }
    switch type {
    case .true, .false: return
    case .int8: _ = try byte()
    case .int16, .int32, .int64: _ = try varint()
    case .double:
      guard bytes.count - position >= 8 else { throw EndOfBytes() }
      position += 8
    case .binary: _ = try binary()
    case .list, .set:
      let (count, type) = try listHeader()
      for _ in 0..<count {
        // Within a list, a boolean is a byte.
        if type == .true || type == .false { _ = try byte() } else { try skip(type, depth: depth + 1) }
      }
    case .map:
      let count = try varint()
      if count == 0 { return }
      guard count <= UInt64(bytes.count - position) else { throw EndOfBytes() }
      let types = try byte()
      guard let key = FieldType(rawValue: types >> 4), let value = FieldType(rawValue: types & 0x0F) else {
        throw malformed()
      }
      for _ in 0..<Int(count) {
        for type in [key, value] {
          if type == .true || type == .false { _ = try byte() } else { try skip(type, depth: depth + 1) }
        }
      }
    case .structure: try eachField(depth: depth) { _, _, _ in false }
    }
  }
}
