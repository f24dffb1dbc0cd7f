/// Writing cells of CSV so that `CSVFormat` reads the same text back.
package enum CSVText {
  /// Appends a cell, quoted where it has to be: when it holds the delimiter, a quote, a line break, or space at an end.
  package static func append(_ text: String, to out: inout [UInt8], delimiter: UInt8 = UInt8(ascii: ",")) {
    let bytes = text.utf8
    let isSpace = { (byte: UInt8?) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    let mustQuote =
      isSpace(bytes.first) || isSpace(bytes.last)
      || bytes.contains { $0 == delimiter || $0 == quote || $0 == lineFeed || $0 == carriageReturn }
    guard mustQuote else { return out.append(contentsOf: bytes) }
    appendQuoted(bytes, to: &out)
  }

  /// Appends a cell in quotes, whatever its bytes are.
  static func appendQuoted(_ bytes: some Sequence<UInt8>, to out: inout [UInt8]) {
    out.append(quote)
    for byte in bytes {
      if byte == quote { out.append(quote) }
      out.append(byte)
    }
    out.append(quote)
  }

  /// Appends a record with its line break. A missing cell is empty; in a record of one cell it is `""`, since a blank line
  /// is no record.
  package static func appendRecord(
    _ cells: some Collection<String?>, to out: inout [UInt8], delimiter: UInt8 = UInt8(ascii: ",")
  ) {
    var isFirst = true
    for cell in cells {
      if !isFirst { out.append(delimiter) }
      isFirst = false
      if let cell { append(cell, to: &out, delimiter: delimiter) } else if cells.count == 1 { out += [quote, quote] }
    }
    out.append(lineFeed)
  }
}
