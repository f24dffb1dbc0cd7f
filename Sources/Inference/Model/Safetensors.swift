import Basics

/// A named array of doubles, row by row.
struct Tensor: Hashable {
  var shape: [Int]
  var values: [Double]
}

/// The safetensors format, as far as models need it: little-endian 64-bit floats.
///
/// Eight bytes with the length of the header, the header in JSON (`{name: {dtype, shape, data_offsets}}`) padded with
/// spaces to a multiple of eight, and the arrays one after the other. Source: huggingface/safetensors, "Format".
enum Safetensors {
  private static let longestHeader = 100 << 20

  static func bytes(_ tensors: [(name: String, tensor: Tensor)]) -> [UInt8] {
    var header: [String: JSON] = [:]
    var data: [UInt8] = []
    for (name, tensor) in tensors {
      let start = data.count
      for value in tensor.values { append(value.bitPattern, to: &data) }
      header[name] = ["dtype": "F64", "shape": JSON(tensor.shape), "data_offsets": JSON([start, data.count])]
    }
    var text = JSON.object(header).canonicalBytes
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    var out: [UInt8] = []
    append(UInt64(text.count), to: &out)
    return out + text + data
  }

  /// Reads a file. Every byte of the data must belong to exactly one tensor, and every number be finite.
  static func read(_ bytes: [UInt8], path: String) throws(InferenceError) -> [String: Tensor] {
    guard bytes.count >= 8 else { throw .damagedModel(path, "it ends within the length of its header") }
    let length = word(bytes, at: 0)
    guard length <= UInt64(longestHeader), Int(length) <= bytes.count - 8 else {
      throw .damagedModel(path, "its header is longer than the file")
    }
    let dataStart = 8 + Int(length)
    guard let header = try? JSON(parsing: bytes[8..<dataStart]), let entries = header.objectValue else {
      throw .damagedModel(path, "its header is not a JSON object")
    }
    var tensors: [String: Tensor] = [:]
    var ranges: [Range<Int>] = []
    for (name, entry) in entries.sorted(by: { $0.key < $1.key }) where name != "__metadata__" {
      guard let shape = entry["shape"]?.arrayValue?.compactMap(\.intValue),
        let offsets = entry["data_offsets"]?.arrayValue?.compactMap(\.intValue), offsets.count == 2,
        let count = product(shape), offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= bytes.count - dataStart
      else { throw .damagedModel(path, "the entry of tensor '\(name)' is not well formed") }
      guard entry["dtype"] == "F64" else { throw .unknownFormat(path, "tensor '\(name)' is not of type F64") }
      guard offsets[1] - offsets[0] == count * 8 else {
        throw .damagedModel(path, "tensor '\(name)' has another size than its shape")
      }
      let values = (0..<count).map { Double(bitPattern: word(bytes, at: dataStart + offsets[0] + $0 * 8)) }
      guard values.allSatisfy(\.isFinite) else {
        throw .damagedModel(path, "tensor '\(name)' holds a number that is not finite")
      }
      tensors[name] = Tensor(shape: shape, values: values)
      ranges.append(offsets[0]..<offsets[1])
    }
    var end = 0
    for range in ranges.sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }) {
      guard range.lowerBound == end else { throw .damagedModel(path, "its tensors overlap or leave gaps") }
      end = range.upperBound
    }
    guard dataStart + end == bytes.count else { throw .damagedModel(path, "it goes on after its tensors") }
    return tensors
  }

  /// The number of elements of a shape; nil for negative sizes and where it does not fit.
  private static func product(_ shape: [Int]) -> Int? {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if size < 0 || overflow || product > Int.max / 8 { return nil }
      count = product
    }
    return count
  }

  private static func append(_ word: UInt64, to out: inout [UInt8]) {
    for shift in stride(from: 0, to: 64, by: 8) as StrideTo<Int> {
      out.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
    }
  }

  private static func word(_ bytes: [UInt8], at start: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
  }
}
