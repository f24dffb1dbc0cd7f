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
package func csvColumnNames(_ path: String, format: CSVFormat) throws -> [String] {
  try CSVFile(CSVSource(path, format, threads: 1, .process)).names
}
