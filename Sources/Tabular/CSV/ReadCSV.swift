package import Basics

extension Table {
  /// Reads a CSV file into memory, as `ingestCSV` reads it into a file. Throws as that does.
  package static func readCSV(
    _ path: String, format: CSVFormat = CSVFormat(), threads: Int, cancellation: Cancellation = .process
  ) throws -> Table {
    let source = try CSVSource(path, format, threads: threads, cancellation)
    let file = try CSVFile(source)
    let plans = try file.guess()
    let sink = MemorySink()
    let pass = try file.pass(plans, sink)
    try pass.run { _ in }
    try file.check(pass.findings)
    let table = try readWidened(plans, columnCount: plans.count, pass.findings, sink) { try file.pass($0, $1) }
    try source.checkUnchanged()
    return table
  }
}

/// The names of the columns of a CSV file. Throws `CSVError` and `FileError`.
package func csvColumnNames(_ path: String, named name: String? = nil, format: CSVFormat) throws -> [String] {
  try CSVFile(CSVSource(path, named: name, format, threads: 1, .process)).names
}

/// How each of several CSV files that make one table is read, where the text is to tell: decimal points and groups of digits
/// are those that any of the files with the same delimiter shows, since `1.234` alone may be either. Files that contradict each
/// other have neither decimal commas nor groups, so that such columns stay texts.
///
/// Throws `CSVError` and `FileError`.
package func settledFormats(
  of paths: [String], _ format: CSVFormat, cancellation: Cancellation
) throws -> [CSVFormat] {
  guard let request = format.request, request.decimal == nil || request.thousands == nil else {
    return paths.map { _ in format }
  }
  let dialects = try paths.map { path in
    try cancellation.check()
    return try CSVSource(path, format, threads: 1, cancellation).format.dialect
  }
  return dialects.map { dialect in
    let unusual = dialects.filter {
      $0.delimiter == dialect.delimiter && ($0.decimal != UInt8(ascii: ".") || $0.thousands != 0)
    }
    var settled = request
    // As they are told, or found in all files that show anything.
    let decimals = Set(unusual.map(\.decimal))
    settled.decimal = request.decimal ?? (decimals.count == 1 ? decimals.first : nil) ?? UInt8(ascii: ".")
    let groups = Set(unusual.map(\.thousands).filter { $0 != 0 })
    let areSettled = decimals.count <= 1 && groups.count == 1
    settled.thousands = request.thousands ?? (areSettled ? groups.first : nil) ?? 0
    settled.thousandsAreGuessed = request.thousands == nil && settled.thousands != 0
    var format = format
    format.request = settled
    return format
  }
}
