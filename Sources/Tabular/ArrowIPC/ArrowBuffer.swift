import CLZ4
import CZstd

/// How the buffers of a batch are compressed, each by itself.
enum ArrowCompression: UInt8, Sendable {
  case lz4 = 0
  case zstd = 1
}

/// The bytes of one buffer, read from front to back, decompressed on the way.
///
/// A small compressed buffer is decompressed at once, a large one a piece at a time, so that memory is bounded whatever the
/// size of a batch.
final class ArrowBuffer {
  private enum Form {
    /// Where the next bytes lie in the file.
    case stored(position: Int)
    case whole(OwnedBytes, position: Int)
    case pieces(any FrameDecoder)
  }

  private let file: SourceFile
  private var form: Form
  /// Bytes that were not read yet.
  private(set) var remaining: Int

  /// Decompressed at once up to so many bytes.
  private static let small = 8 << 20
  private static let tooShort = ColumnarProblem.damaged("a buffer is shorter than its rows")

  /// `range` lies in the file. Throws `ColumnarProblem` and `FileError`.
  init(_ file: SourceFile, _ range: Range<Int>, _ compression: ArrowCompression?) throws {
    self.file = file
    guard let compression, !range.isEmpty else {
      (form, remaining) = (.stored(position: range.lowerBound), range.count)
      return
    }
    // The length of what is compressed stands first; -1 where it is not.
    guard range.count >= 8 else { throw Self.tooShort }
    let length = try file.read(range.lowerBound..<range.lowerBound + 8).withBytes {
      Int(Int64(littleEndian: $0.loadUnaligned(as: Int64.self)))
    }
    let data = range.lowerBound + 8..<range.upperBound
    guard length != -1 else {
      (form, remaining) = (.stored(position: data.lowerBound), data.count)
      return
    }
    guard length >= 0 else { throw ColumnarProblem.damaged("a buffer has an impossible length") }
    remaining = length
    let decoder: any FrameDecoder =
      switch compression {
      case .lz4: try LZ4Decoder(file, data)
      case .zstd: try ZstdDecoder(file, data)
      }
    form = .pieces(decoder)
    if length <= Self.small {
      let whole = OwnedBytes(count: length)
      try decoder.read(into: whole.mutableBytes)
      form = .whole(whole, position: 0)
    }
  }

  /// Fills `out`. Throws where there are fewer bytes.
  func read(into out: UnsafeMutableRawBufferPointer) throws {
    guard out.count <= remaining else { throw Self.tooShort }
    guard let memory = out.baseAddress, !out.isEmpty else { return }
    remaining -= out.count
    switch form {
    case .stored(let position):
      try file.read(position..<position + out.count, into: memory)
      form = .stored(position: position + out.count)
    case .whole(let bytes, let position):
      bytes.withBytes { out.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position..<position + out.count])) }
      form = .whole(bytes, position: position + out.count)
    case .pieces(let decoder): try decoder.read(into: out)
    }
  }

  func skip(_ count: Int) throws {
    guard count <= remaining else { throw Self.tooShort }
    switch form {
    case .stored(let position): form = .stored(position: position + count)
    case .whole(let bytes, let position): form = .whole(bytes, position: position + count)
    case .pieces:
      let piece = OwnedBytes(count: min(count, 1 << 20))
      var left = count
      while left > 0 {
        let part = min(left, piece.count)
        try read(into: UnsafeMutableRawBufferPointer(rebasing: piece.mutableBytes[..<part]))
        left -= part
      }
      return
    }
    remaining -= count
  }
}

/// Decompresses a frame piece by piece.
private protocol FrameDecoder {
  /// Fills `out`. Throws where there is less.
  func read(into out: UnsafeMutableRawBufferPointer) throws
}

private let notItsLength = ColumnarProblem.damaged("a buffer does not decompress to its length")

private final class ZstdDecoder: FrameDecoder {
  private let input: FrameInput
  private let state: OpaquePointer?

  init(_ file: SourceFile, _ range: Range<Int>) throws {
    input = FrameInput(file, range)
    state = ZSTD_createDCtx()
    if state == nil { throw ColumnarProblem.tooLarge("there is no memory left to decompress a buffer", column: nil) }
    ZSTD_DCtx_setParameter(state, ZSTD_d_windowLogMax, 27)
  }

  deinit { ZSTD_freeDCtx(state) }

  func read(into out: UnsafeMutableRawBufferPointer) throws {
    var to = ZSTD_outBuffer(dst: out.baseAddress, size: out.count, pos: 0)
    while to.pos < to.size {
      try input.refill()
      let before = to.pos
      let used = try input.bytes { bytes in
        var from = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        guard ZSTD_isError(ZSTD_decompressStream(state, &to, &from)) == 0 else { throw notItsLength }
        return from.pos
      }
      if used == 0, to.pos == before { throw notItsLength }
    }
  }
}

private final class LZ4Decoder: FrameDecoder {
  private let input: FrameInput
  private var state: OpaquePointer?

  init(_ file: SourceFile, _ range: Range<Int>) throws {
    input = FrameInput(file, range)
    guard LZ4F_isError(LZ4F_createDecompressionContext(&state, UInt32(LZ4F_VERSION))) == 0 else {
      throw ColumnarProblem.tooLarge("there is no memory left to decompress a buffer", column: nil)
    }
  }

  deinit { LZ4F_freeDecompressionContext(state) }

  func read(into out: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    while done < out.count {
      try input.refill()
      var count = out.count - done
      let used = try input.bytes { bytes in
        var used = bytes.count
        let status = LZ4F_decompress(state, out.baseAddress.map { $0 + done }, &count, bytes.baseAddress, &used, nil)
        guard LZ4F_isError(status) == 0 else { throw notItsLength }
        return used
      }
      done += count
      if used == 0, count == 0 { throw notItsLength }
    }
  }
}

/// The compressed bytes in hand.
private final class FrameInput {
  private let file: SourceFile
  private let end: Int
  private var position: Int
  private let memory: OwnedBytes
  private var range = 0..<0

  init(_ file: SourceFile, _ range: Range<Int>) {
    self.file = file
    (position, end) = (range.lowerBound, range.upperBound)
    memory = OwnedBytes(count: min(max(1, range.count), 128 << 10))
  }

  func refill() throws {
    guard range.isEmpty, position < end, let start = memory.memory else { return }
    let count = min(memory.count, end - position)
    try file.read(position..<position + count, into: start)
    position += count
    range = 0..<count
  }

  /// Calls `body` with the bytes, which says how many it used.
  func bytes(_ body: (UnsafeRawBufferPointer) throws -> Int) throws -> Int {
    let used = try memory.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    range = range.lowerBound + used..<range.upperBound
    return used
  }
}
