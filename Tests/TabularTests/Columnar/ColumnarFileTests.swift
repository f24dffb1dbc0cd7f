import Basics
import Diagnostics
import Glibc
import Testing

@testable import Tabular

@Suite struct ColumnarFileTests {
  /// Reads all of a file; throws what it throws.
  private func read(_ path: String, isParquet: Bool) throws {
    if isParquet {
      _ = try cells(of: ParquetSource(path, named: "file"))
    } else {
      _ = try cells(of: ArrowSource(path, named: "file"))
    }
  }

  private func message(_ path: String, isParquet: Bool) -> String? {
    do {
      try read(path, isParquet: isParquet)
      return nil
    } catch let error as any Diagnosable {
      return error.diagnostics.first?.message
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: [
    ("refused-nested.parquet", "columns 'tags', 'place' are nested, which a table cannot hold"),
    ("refused-nested.arrow", "columns 'tags', 'place' are nested, which a table cannot hold"),
    ("refused-brotli.parquet", "column 'int64' is compressed with Brotli, which is not read"),
    ("refused-bytes.parquet", "column 'raw' holds bytes that are no UTF-8 text in row 3"),
    ("refused-bytes.arrows", "column 'raw' holds bytes that are no UTF-8 text in row 3"),
    ("refused-year.arrow", "column 'at' holds an instant beyond the years that microseconds reach in row 2"),
    ("refused-interval.arrow", "column 'span' is of the type interval, which is not read"),
  ])
  func whatATableCannotHoldIsRefusedByName(file: String, expected: String) {
    #expect(message(fixture("corpus/\(file)"), isParquet: file.hasSuffix("parquet")) == expected)
  }

  @Test func otherFilesAreNotTakenForThese() throws {
    let scratch = try Scratch()
    let path = try scratch.file("table.csv", "a,b\n1,2\n and some more rows to be long enough\n")
    #expect(message(path, isParquet: true) == "this is no Parquet file: it does not begin as one")
    #expect(message(path, isParquet: false) == "this is no Arrow file: it does not begin as one")
    let encrypted = try scratch.file("encrypted", "PARE12345678PARE")
    #expect(message(encrypted, isParquet: true) == "the Parquet file is encrypted, which is not read")
  }

  @Test(arguments: ["pages-1.parquet", "plain.parquet", "stored.arrow", "stored.arrows", "zstd.arrow"])
  func everyTruncationIsNoticed(name: String) throws {
    let scratch = try Scratch()
    let whole = try Files.read(fixture("corpus/\(name)"))
    let isParquet = name.hasSuffix("parquet")
    // A stream may end behind any batch: the mark of its end is not needed.
    for count in stride(from: 1, to: whole.count - 9, by: 1013) {
      let path = try scratch.file("\(count)", whole[..<count])
      let told = message(path, isParquet: isParquet)
      #expect(told != nil, "\(count) bytes")
      #expect(told?.contains("ColumnarProblem") != true, "\(count) bytes: \(told ?? "")")
    }
  }

  /// A footer of a few bytes that claims two billion rows, and one that claims to be longer than the file.
  @Test func lyingLengthsAreToldNotBelieved() throws {
    let scratch = try Scratch()
    var bytes = try Files.read(fixture("corpus/plain.parquet"))
    bytes.replaceSubrange(bytes.count - 8..<bytes.count - 4, with: [0xFF, 0xFF, 0xFF, 0x7F])
    #expect(
      message(try scratch.file("footer", bytes), isParquet: true)
        == "the Parquet file is damaged: its footer is longer than the file")
    // version 1; a root with a child; an optional int32 `x`; 2³¹ rows in a row group whose pages lie nowhere.
    let element: [UInt8] = [0x15, 2, 0x25, 2, 0x18, 1, UInt8(ascii: "x"), 0]
    let root: [UInt8] = [0x48, 1, UInt8(ascii: "r"), 0x15, 2, 0]
    let rows: [UInt8] = [0x80, 0x80, 0x80, 0x80, 0x10]
    let chunk: [UInt8] = [0x3C, 0x56] + rows + [0x16, 20, 0x16, 20, 0x26, 8, 0, 0]
    let group: [UInt8] = [0x19, 0x1C] + chunk + [0x16, 20, 0x16] + rows + [0]
    let footer: [UInt8] = [0x15, 2, 0x19, 0x2C] + root + element + [0x16] + rows + [0x19, 0x1C] + group + [0]
    let size = withUnsafeBytes(of: UInt32(footer.count).littleEndian) { Array($0) }
    let lie = Array("PAR1".utf8) + [UInt8](repeating: 0, count: 16) + footer + size + Array("PAR1".utf8)
    let told = message(try scratch.file("rows", lie), isParquet: true)
    #expect(told?.hasPrefix("the Parquet file is damaged: column 'x': ") == true, "\(told ?? "nothing")")
  }

  @Test func fileThatChangesMeanwhileIsNoticed() throws {
    let scratch = try Scratch()
    let path = try scratch.file("table.parquet", try Files.read(fixture("corpus/plain.parquet")))
    let source = try ParquetSource(path)
    try FileHandle(appending: path).write([0])
    let error = #expect(throws: TypedSourceError.self) { _ = try cells(of: source) }
    #expect(error?.problems == [.changedWhileRead])
  }

  @Test func readingStopsWhenItIsCancelled() throws {
    let source = try ArrowSource(fixture("corpus/stored.arrow"))
    let cancellation = Cancellation()
    cancellation.cancel()
    #expect(throws: Cancelled.asked) {
      try source.eachBatch(of: [0], threads: 2, cancellation: cancellation) { _ in }
    }
  }

  @Test func decimalsKeepTheirDigits() {
    #expect(DecimalText.text(-1250, scale: 2) == "-12.50")
    #expect(DecimalText.text(5, scale: 3) == "0.005")
    #expect(DecimalText.text(7, scale: -2) == "700")
    let bytes: [UInt8] = [0xFF] + [UInt8](repeating: 0, count: 31)
    // −2²⁴⁸, by Python.
    let expected = "-452312848583266388373324160190187140051835877600158453279131187530910662656"
    #expect(bytes.withUnsafeBytes { DecimalText.text(bigEndian: $0, scale: 0) } == expected)
  }

  @Test func halfPrecisionIsExact() {
    for bits in stride(from: UInt16(0), through: .max - 7, by: 7) {
      let (found, expected) = (halfPrecision(bits), Double(Float16(bitPattern: bits)))
      #expect(found == expected || found.isNaN && expected.isNaN, "\(bits)")
    }
  }
}
