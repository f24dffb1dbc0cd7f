/// Memory that frees itself. Behind its bytes are `slack` zeros, so that whole words can be read at its end.
///
/// Filled by one thread, then only read. The system gives pages of it when they are written: memory that is asked for and
/// not filled costs nothing.
final class OwnedBytes: @unchecked Sendable {
  static let slack = 16
  let memory: UnsafeMutableRawPointer?
  let count: Int

  init(count: Int) {
    self.count = count
    let memory = UnsafeMutableRawPointer.allocate(byteCount: count + Self.slack, alignment: 64)
    (memory + count).initializeMemory(as: UInt8.self, repeating: 0, count: Self.slack)
    self.memory = memory
  }

  deinit { memory?.deallocate() }

  /// Good as long as somebody keeps this object; where nobody does, see `withBytes`.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: count) }
  func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
    try withExtendedLifetime(self) { try body(bytes) }
  }

  var mutableBytes: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: memory, count: count) }
}
