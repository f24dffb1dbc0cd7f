/// Which of the rows of a page have a value.
///
/// Source: apache/parquet-format, `Encodings.md`; of flat columns the level is a bit.
struct DefinitionLevels {
  private enum Form {
    case runs(RunLengthReader)
    /// The deprecated encoding without runs: a bit a row, most significant first.
    case bits(UnsafeRawBufferPointer, position: Int)
  }

  private var form: Form

  init(runs: UnsafeRawBufferPointer) throws(ColumnarProblem) { form = .runs(try RunLengthReader(runs, width: 1)) }

  init(bits: UnsafeRawBufferPointer) { form = .bits(bits, position: 0) }

  /// Writes a 1 for each row that has a value, a 0 for each that has none; returns how many have one.
  mutating func read(_ count: Int, into out: UnsafeMutablePointer<UInt32>) throws(ColumnarProblem) -> Int {
    switch form {
    case .runs(var reader):
      try reader.read(count, into: out)
      form = .runs(reader)
    case .bits(let bits, let position):
      guard position + count <= bits.count * 8 else { throw .damaged("a page ends in the middle of its levels") }
      for index in 0..<count {
        let place = position + index
        out[index] = UInt32(bits[place >> 3] >> UInt8(7 - place & 7) & 1)
      }
      form = .bits(bits, position: position + count)
    }
    var present = 0
    for index in 0..<count { present += Int(out[index]) }
    return present
  }
}
