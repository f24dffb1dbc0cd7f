import CLZ4
import CZlib
import CZstd

/// How the pages of a column are compressed.
///
/// Source: apache/parquet-format, `Compression.md`.
enum ParquetCodec: Int {
  case none = 0
  case snappy = 1
  case gzip = 2
  case lzo = 3
  case brotli = 4
  case hadoopLZ4 = 5
  case zstd = 6
  case lz4 = 7

  /// The codec of this number. Throws where it is not read.
  init(_ number: Int, column: String) throws(ColumnarProblem) {
    guard let codec = ParquetCodec(rawValue: number) else { throw .unsupportedCodec("codec \(number)", column: column) }
    switch codec {
    case .lzo: throw .unsupportedCodec("LZO", column: column)
    case .brotli: throw .unsupportedCodec("Brotli", column: column)
    case .hadoopLZ4: throw .unsupportedCodec("LZ4 in Hadoop's frames", column: column)
    default: self = codec
    }
  }

  /// Fills `out`, which must be what the bytes decompress to, to the byte.
  func decompress(_ bytes: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer) throws(ColumnarProblem) {
    let isWhole =
      switch self {
      case .none: copy(bytes, out)
      case .snappy: decompressSnappy(bytes, into: out)
      case .gzip: inflate(bytes, out)
      case .zstd: ZSTD_decompress(out.baseAddress, out.count, bytes.baseAddress, bytes.count) == out.count
      case .lz4: decompressLZ4(bytes, out)
      case .lzo, .brotli, .hadoopLZ4: false
      }
    if !isWhole { throw .damaged("a page does not decompress to what its header says") }
  }

  private func copy(_ bytes: UnsafeRawBufferPointer, _ out: UnsafeMutableRawBufferPointer) -> Bool {
    guard bytes.count == out.count else { return false }
    out.copyMemory(from: bytes)
    return true
  }

  private func decompressLZ4(_ bytes: UnsafeRawBufferPointer, _ out: UnsafeMutableRawBufferPointer) -> Bool {
    guard let from = bytes.baseAddress, let to = out.baseAddress, let size = Int32(exactly: bytes.count),
      let room = Int32(exactly: out.count)
    else { return false }
    return LZ4_decompress_safe(
      from.assumingMemoryBound(to: CChar.self), to.assumingMemoryBound(to: CChar.self), size, room) == room
  }

  /// Members of gzip, one after the other; or a zlib stream, which some writers call gzip.
  private func inflate(_ bytes: UnsafeRawBufferPointer, _ out: UnsafeMutableRawBufferPointer) -> Bool {
    var state = z_stream()
    // 32: the header tells which of the two.
    guard inflateInit2_(&state, 15 + 32, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return false }
    defer { inflateEnd(&state) }
    guard let room = UInt32(exactly: out.count), let size = UInt32(exactly: bytes.count) else { return false }
    state.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    state.avail_in = size
    state.next_out = out.baseAddress?.assumingMemoryBound(to: UInt8.self)
    state.avail_out = room
    while true {
      let status = CZlib.inflate(&state, Z_FINISH)
      guard status == Z_STREAM_END else { return false }
      if state.avail_in == 0 { return state.avail_out == 0 }
      inflateReset(&state)
    }
  }
}
