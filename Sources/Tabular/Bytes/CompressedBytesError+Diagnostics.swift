package import Diagnostics

extension CompressedBytesError: Diagnosable {
  package var failure: Failure { kind == .noMemory ? .inputOutput : .badInput }

  package var diagnostics: [Diagnostic] {
    let format = compression.rawValue
    func error(_ code: String, _ words: String, help: String...) -> Diagnostic {
      .error(code, words, at: Place(file: file), help: help)
    }
    return switch kind {
    case .truncated:
      [
        error(
          "truncated-file", "the \(format) data ends in the middle, after \(offset) bytes",
          help: "it was not copied whole or is still being written: get it again")
      ]
    case .corrupt(let what):
      [
        error(
          "corrupt-file", "the \(format) data is corrupt near byte \(offset): \(what)",
          help: "get the file again; '\(format) -t' tests a copy of it")
      ]
    case .trailingBytes:
      [
        error(
          "trailing-bytes", "something that is no \(format) data follows the \(format) data at byte \(offset)",
          help: "if it is not needed, keep what is before it: head -c \(offset) OLD > NEW")
      ]
    case .windowTooLarge:
      [
        error(
          "window-too-large", "decompressing the zstd data takes a window of more than 128 MiB (byte \(offset))",
          help: "compress it without --long, or with --long=27: zstd -d --long=31 OLD && zstd NEW")
      ]
    case .noMemory:
      [error("no-memory", "there is no memory left to decompress the \(format) data at byte \(offset)")]
    }
  }
}
