import Basics
import CZstd

/// What a Zstandard stream (RFC 8878) holds: any number of frames, one after the other, skippable ones among them.
///
/// A window of more than 128 MiB is refused, as the `zstd` command refuses it, so that memory stays bounded.
final class ZstdBytes: ByteStream {
  private static let windowLog: Int32 = 27
  private let file: String
  /// Asked here as well: a small file may hold a great many bytes.
  private let cancellation: Cancellation
  private var input: InputWindow
  private let state: OpaquePointer?
  private var isInFrame = true
  private var frames = 0

  init(_ stream: any ByteStream, file: String, _ cancellation: Cancellation) {
    self.file = file
    self.cancellation = cancellation
    input = InputWindow(stream)
    state = ZSTD_createDCtx()
    ZSTD_DCtx_setParameter(state, ZSTD_d_windowLogMax, Self.windowLog)
  }

  deinit { ZSTD_freeDCtx(state) }

  var consumed: Int { input.offset }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try cancellation.check()
    guard state != nil else { throw problem(.noMemory) }
    while true {
      try input.refill()
      if input.isAtEnd, !isInFrame { return 0 }
      let bytes = input.bytes
      var from = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
      var to = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
      let status = ZSTD_decompressStream(state, &to, &from)
      if ZSTD_isError(status) != 0 { throw problem(of: status) }
      input.take(from.pos)
      isInFrame = status != 0
      if !isInFrame { frames += 1 }
      if to.pos > 0 { return to.pos }
      if input.isAtEnd, isInFrame { throw problem(.truncated) }
    }
  }

  private func problem(of status: Int) -> CompressedBytesError {
    switch ZSTD_getErrorCode(status) {
    case ZSTD_error_frameParameter_windowTooLarge: problem(.windowTooLarge)
    case ZSTD_error_memory_allocation: problem(.noMemory)
    case ZSTD_error_prefix_unknown where frames > 0: problem(.trailingBytes)
    default: problem(.corrupt(String(cString: ZSTD_getErrorName(status)).lowercased()))
    }
  }

  private func problem(_ kind: CompressedBytesError.Kind) -> CompressedBytesError {
    CompressedBytesError(file: file, compression: .zstd, kind: kind, offset: input.offset)
  }
}
