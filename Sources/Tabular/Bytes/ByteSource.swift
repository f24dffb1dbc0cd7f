package import Basics

/// A file whose bytes can be read from the start any number of times, decompressed where it is compressed.
package struct ByteSource: Sendable {
  package let path: String
  /// Told by the first bytes of the file, not by its name.
  package let compression: Compression?
  /// Bytes of the file as it is stored.
  package let storedSize: Int

  /// Looks at the first bytes of a file. Throws `FileError`.
  package init(_ path: String) throws {
    self.path = path
    let file = try FileHandle(reading: path)
    storedSize = try file.status().size
    compression = try Compression(firstBytes: FileBytes(file, .process).peek(Compression.magicSize))
  }

  /// The bytes from the start. With `ahead`, compressed ones are decompressed on a thread of their own, a few MiB ahead of
  /// the reader. Throws `FileError`.
  package func open(ahead: Bool = true, cancellation: Cancellation = .process) throws -> any ByteStream {
    let stop = Cancellation(parent: cancellation)
    return FileBytes(try FileHandle(reading: path), stop).decompressed(compression, ahead: ahead, stop)
  }
}

/// The bytes of an open descriptor, such as 0 for standard input, decompressed where they are compressed; the descriptor
/// stays open. Messages call it `name`. Throws as `ByteStream.read`, since it reads the first bytes.
package func openBytes(
  descriptor: Int32, named name: String, ahead: Bool = true, cancellation: Cancellation = .process
) throws -> any ByteStream {
  let stop = Cancellation(parent: cancellation)
  return try FileBytes(descriptor: descriptor, named: name, stop).decompressed(ahead: ahead, stop)
}

/// The same for a file of any kind, which is opened once: a pipe with a name, such as the shell makes of `<(…)`, too.
func openBytes(path: String, ahead: Bool = true, cancellation: Cancellation) throws -> any ByteStream {
  let stop = Cancellation(parent: cancellation)
  return try FileBytes(try FileHandle(reading: path), stop).decompressed(ahead: ahead, stop)
}

extension FileBytes {
  /// By what the first bytes tell.
  fileprivate func decompressed(ahead: Bool, _ stop: Cancellation) throws -> any ByteStream {
    try decompressed(Compression(firstBytes: peek(Compression.magicSize)), ahead: ahead, stop)
  }

  fileprivate func decompressed(_ compression: Compression?, ahead: Bool, _ stop: Cancellation) -> any ByteStream {
    let stream: any ByteStream
    switch compression {
    case nil: return self
    case .gzip: stream = GzipBytes(self, file: name, stop)
    case .zstd: stream = ZstdBytes(self, file: name, stop)
    }
    return ahead ? BytesAhead(stream, stop) : stream
  }
}
