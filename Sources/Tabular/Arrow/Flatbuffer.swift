/// A value to be encoded as a flatbuffer: the few forms that Arrow's metadata needs.
///
/// Format: "FlatBuffers internals", flatbuffers.dev. All numbers are little-endian; offsets point forward.
indirect enum Flatbuffer {
  case int8(UInt8)
  case int16(Int16)
  case int32(Int32)
  case int64(Int64)
  case string(String)
  /// Fields by slot number; nil slots are left out.
  case table([Flatbuffer?])
  case tables([Flatbuffer])
  /// A vector of structs with 8-byte alignment, encoded already.
  case structs([UInt8], count: Int)

  /// The bytes of a buffer whose root is this table.
  func encoded() -> [UInt8] {
    var writer = FlatbufferWriter()
    writer.append(UInt32(0))
    writer.writeOffset(at: 0, to: self)
    return writer.bytes
  }

  /// Size and alignment of the value where it stands inside a table; everything but scalars stands there as an offset.
  fileprivate var inlineSize: Int {
    switch self {
    case .int8: 1
    case .int16: 2
    case .int64: 8
    case .int32, .string, .table, .tables, .structs: 4
    }
  }
}

/// Lays values out front to back: a parent is written with empty offsets, which are filled when the child follows.
private struct FlatbufferWriter {
  var bytes: [UInt8] = []

  mutating func append<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func pad(to alignment: Int, before size: Int = 0) {
    while (bytes.count + size) % alignment != 0 { bytes.append(0) }
  }

  private mutating func put<Value: FixedWidthInteger>(_ value: Value, at position: Int) {
    withUnsafeBytes(of: value.littleEndian) { bytes.replaceSubrange(position..<position + $0.count, with: $0) }
  }

  mutating func writeOffset(at position: Int, to value: Flatbuffer) {
    let target = write(value)
    put(UInt32(target - position), at: position)
  }

  /// Writes a value that is reached by offset and returns where it stands.
  private mutating func write(_ value: Flatbuffer) -> Int {
    switch value {
    case .string(let text):
      pad(to: 4)
      let start = bytes.count
      append(UInt32(text.utf8.count))
      bytes.append(contentsOf: text.utf8)
      bytes.append(0)
      return start
    case .structs(let encoded, let count):
      pad(to: 8, before: 4)
      let start = bytes.count
      append(UInt32(count))
      bytes.append(contentsOf: encoded)
      return start
    case .tables(let values):
      pad(to: 4)
      let start = bytes.count
      append(UInt32(values.count))
      for _ in values { append(UInt32(0)) }
      for (index, value) in values.enumerated() { writeOffset(at: start + 4 + index * 4, to: value) }
      return start
    case .table(let slots): return writeTable(slots)
    case .int8, .int16, .int32, .int64: preconditionFailure("a scalar has no offset")
    }
  }

  private mutating func writeTable(_ slots: [Flatbuffer?]) -> Int {
    // Larger fields first, so that each is aligned once the first is.
    let order = slots.indices.filter { slots[$0] != nil }
      .sorted { (slots[$1]?.inlineSize ?? 0, $0) < (slots[$0]?.inlineSize ?? 0, $1) }
    let fieldsSize = order.reduce(0) { $0 + (slots[$1]?.inlineSize ?? 0) }
    let vtableSize = 4 + slots.count * 2
    // The 4 bytes before the fields hold the distance to the vtable; the fields after them are aligned to 8.
    pad(to: 8, before: vtableSize + 4)
    let vtable = bytes.count
    let start = vtable + vtableSize
    append(UInt16(vtableSize))
    append(UInt16(4 + fieldsSize))
    var positions = [Int](repeating: 0, count: slots.count)
    var next = 4
    for slot in order {
      positions[slot] = next
      next += slots[slot]?.inlineSize ?? 0
    }
    for position in positions { append(UInt16(position)) }
    append(Int32(vtableSize))
    bytes.append(contentsOf: repeatElement(0, count: fieldsSize))
    for slot in order {
      let position = start + positions[slot]
      switch slots[slot] {
      case .int8(let value): put(value, at: position)
      case .int16(let value): put(value, at: position)
      case .int32(let value): put(value, at: position)
      case .int64(let value): put(value, at: position)
      case .some(let value): writeOffset(at: position, to: value)
      case nil: break
      }
    }
    return start
  }
}
