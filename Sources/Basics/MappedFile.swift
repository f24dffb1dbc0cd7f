import Glibc
import Synchronization

/// The bytes of a file, mapped read-only. The file must not be cut short while it is mapped: objects never are.
package final class MappedFile: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer
  package let path: String
  /// Bytes read since pages were let go of, as far as readers say so.
  private let readBytes = Atomic<Int>(0)

  package init(_ path: String) throws(FileError) {
    let file = try FileHandle(reading: path)
    let size = try file.status().size
    self.path = path
    if size == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.descriptor, 0), address != MAP_FAILED else {
      throw FileError("map", path)
    }
    bytes = UnsafeRawBufferPointer(start: address, count: size)
  }

  /// Whether its pages are worth letting go of.
  package var isLarge: Bool { bytes.count >= 128 << 20 }

  /// Counts bytes as read, and at every 48 MiB of them lets go of the memory behind the file. It stays mapped: what is read again
  /// comes back from the system's cache or the disk, with the same contents. Free to call from any thread at any time.
  package func noteRead(_ byteCount: Int) {
    guard readBytes.add(byteCount, ordering: .relaxed).newValue >= 48 << 20 else { return }
    readBytes.store(0, ordering: .relaxed)
    if let base = bytes.baseAddress {
      madvise(UnsafeMutableRawPointer(mutating: base), bytes.count, MADV_DONTNEED)
    }
  }

  deinit {
    if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
  }
}
