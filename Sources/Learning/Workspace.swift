import Glibc
import Synchronization

/// Doubles at a 64-byte boundary, zero at first, freed with their owner. One thread at a time uses it, or several different
/// parts of it.
///
/// Large ones are mapped, in huge pages where the system has them, and touched only when written: the threads that fill
/// them take the page faults.
final class AlignedBuffer: @unchecked Sendable {
  let start: UnsafeMutablePointer<Double>
  let count: Int
  private let mappedBytes: Int

  init(count: Int) {
    self.count = count
    let bytes = max(1, count) * 8
    if bytes >= 4 << 20 {
      let size = (bytes + (2 << 20) - 1) / (2 << 20) * (2 << 20)
      if let address = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
        address != MAP_FAILED
      {
        madvise(address, size, Int32(MADV_HUGEPAGE))
        start = address.bindMemory(to: Double.self, capacity: count)
        mappedBytes = size
        return
      }
    }
    mappedBytes = 0
    start = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: Double.self, capacity: max(1, count))
    start.initialize(repeating: 0, count: max(1, count))
  }

  deinit {
    if mappedBytes > 0 {
      munmap(start, mappedBytes)
    } else {
      UnsafeMutableRawPointer(start).deallocate()
    }
  }
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
