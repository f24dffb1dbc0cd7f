/// Why compressed bytes cannot be decompressed.
package struct CompressedBytesError: Error, Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    /// The bytes end in the middle.
    case truncated
    /// What the decompressor says of them.
    case corrupt(String)
    /// Something else follows the compressed bytes.
    case trailingBytes
    /// Decompressing would take more than 128 MiB of memory.
    case windowTooLarge
    case noMemory
  }

  /// The file as the user named it.
  package var file: String
  package var compression: Compression
  package var kind: Kind
  /// Bytes of the file, as it is stored, before the place where this was noticed.
  package var offset: Int
}
