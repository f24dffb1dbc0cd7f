internal import CPlatform

/// Which BLAS this process runs: it decides the last bits of a fit, so it is part of action keys, and `doctor` shows
/// it.
///
/// The library is the one Debian's alternatives put behind `libblas.so.3`; it is asked through its own symbols.
package struct BLASLibrary: Sendable, Hashable {
  /// `OpenBLAS`, `MKL`, `BLIS`, or `reference` for a library with none of their symbols.
  package var vendor: String
  /// Such as `0.3.21`; empty where the library does not tell.
  package var version: String
  /// The processor family its kernels are for, such as `Zen` or `SkylakeX`; empty where the library does not tell.
  package var kernel: String

  /// The one in use.
  package static let current = detect()

  /// Vendor, version and kernel in one line, such as `OpenBLAS 0.3.21 Zen`.
  package var identity: String { [vendor, version, kernel].filter { !$0.isEmpty }.joined(separator: " ") }

  /// True for the library that is several times slower than the others.
  package var isReference: Bool { vendor == "reference" }

  /// Keeps the library on the calling thread, once a process: threads are ours. Every wrapper calls it first. Called when a
  /// process starts, it also saves the tenth of a second for which the threads that OpenBLAS starts with would spin.
  package static func prepare() { _ = keptToOneThread }

  private static let keptToOneThread: Bool = {
    for name in ["openblas_set_num_threads", "MKL_Set_Num_Threads", "bli_thread_set_num_threads"] {
      guard let symbol = cplatform_symbol(name) else { continue }
      if name.hasPrefix("bli") {
        unsafeBitCast(symbol, to: (@convention(c) (Int) -> Void).self)(1)
      } else {
        unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)(1)
      }
    }
    if let symbol = cplatform_symbol("blas_thread_shutdown_") {
      _ = unsafeBitCast(symbol, to: (@convention(c) () -> Int32).self)()
    }
    return true
  }()

  private static func detect() -> BLASLibrary {
    if let configuration = text(from: "openblas_get_config") {
      // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH NO_AFFINITY Zen MAX_THREADS=64"
      let words = configuration.split(separator: " ")
      let version = words.count > 1 && words[1].first?.isNumber == true ? String(words[1]) : ""
      return BLASLibrary(vendor: "OpenBLAS", version: version, kernel: text(from: "openblas_get_corename") ?? "")
    }
    if let version = text(from: "bli_info_get_version_str") {
      return BLASLibrary(vendor: "BLIS", version: version, kernel: "")
    }
    if cplatform_symbol("MKL_Set_Num_Threads") != nil { return BLASLibrary(vendor: "MKL", version: "", kernel: "") }
    return BLASLibrary(vendor: "reference", version: "", kernel: "")
  }

  /// What a C function without arguments that returns a text says; nil where no loaded library has it.
  private static func text(from name: String) -> String? {
    guard let symbol = cplatform_symbol(name) else { return nil }
    let function = unsafeBitCast(symbol, to: (@convention(c) () -> UnsafePointer<CChar>?).self)
    return function().map { String(cString: $0) }
  }
}
