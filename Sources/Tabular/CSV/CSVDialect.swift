import CParsing

/// The bytes that have a meaning in a CSV file.
package struct CSVDialect: Sendable, Hashable {
  /// Between cells.
  package var delimiter: UInt8
  /// Around cells that hold delimiters, quotes or line breaks; a quote inside is doubled. 0 for none.
  package var quote: UInt8
  /// Takes the meaning of the byte behind it; 0 for none.
  package var escape: UInt8
  /// At the start of a line that is no record; 0 for none.
  package var comment: UInt8
  /// Between the whole and the fraction of a number.
  package var decimal: UInt8
  /// Between groups of three digits; 0 for none.
  package var thousands: UInt8
  /// Whether `thousands` was told by the text.
  package var thousandsAreGuessed = false

  package init(
    delimiter: UInt8 = UInt8(ascii: ","), quote: UInt8 = UInt8(ascii: "\""), escape: UInt8 = 0, comment: UInt8 = 0,
    decimal: UInt8 = UInt8(ascii: "."), thousands: UInt8 = 0
  ) {
    self.delimiter = delimiter
    self.quote = quote
    self.escape = escape
    self.comment = comment
    self.decimal = decimal
    self.thousands = thousands
  }

  /// Whether delimiters, line breaks and quotes are all that structures the text.
  var isPlain: Bool { escape == 0 && comment == 0 }

  var kernels: parsing_dialect { parsing_dialect(delimiter: delimiter, quote: quote) }
}
