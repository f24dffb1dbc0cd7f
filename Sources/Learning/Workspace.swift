import Glibc
import Synchronization

/// Doubles at a 64-byte boundary, freed with their owner. One thread at a time uses it.
final class AlignedBuffer: @unchecked Sendable {
  let start: UnsafeMutablePointer<Double>
  let count: Int

  init(count: Int) {
    self.count = count
    start = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * 8, alignment: 64)
      .bindMemory(to: Double.self, capacity: max(1, count))
    start.initialize(repeating: 0, count: max(1, count))
  }

  deinit { UnsafeMutableRawPointer(start).deallocate() }
}

/// Scratch memory that threads borrow, made when none is free and kept for the next one.
final class Pool<Element: Sendable>: Sendable {
  private let free = Mutex<[Element]>([])
  private let make: @Sendable () -> Element

  init(_ make: @escaping @Sendable () -> Element) { self.make = make }

  func lend<Result>(_ body: (Element) throws -> Result) rethrows -> Result {
    let element = free.withLock { $0.popLast() } ?? make()
    defer { free.withLock { $0.append(element) } }
    return try body(element)
  }
}
