import Glibc

/// The bytes of a file, mapped read-only. The file must not be cut short while it is mapped: objects never are.
package final class MappedFile: @unchecked Sendable {
  package let bytes: UnsafeRawBufferPointer
  package let path: String

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

  deinit {
    if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
  }
}
