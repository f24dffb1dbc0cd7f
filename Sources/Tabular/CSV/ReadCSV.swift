package import Basics

extension Table {
  /// Reads a CSV file into memory, as `ingestCSV` reads it into a file. Throws as that does.
  package static func readCSV(
    _ path: String, format: CSVFormat = CSVFormat(), threads: Int, cancellation: Cancellation = .process
  ) throws -> Table {
    let source = try CSVSource(path, format, threads: threads, cancellation)
    let file = try CSVFile(source)
    var plans = try file.guess()
    let groupRows = ArrowFormat.rowsPerGroup(columns: plans.count)
    var columns: [Column?] = plans.map { _ in nil }
    var again = Array(plans.indices)
    while !again.isEmpty {
      let sink = MemorySink()
      let pass = try file.pass(again.map { plans[$0] }, sink)
      try pass.run { _ in }
      var findings = pass.findings
      try file.check(findings)
      findings.decide()
      let table = sink.table(again.map { plans[$0].field }, groupRows: groupRows)
      for (position, index) in again.enumerated() {
        plans[index] = findings.plans[position]
        columns[index] = table.column(position)
      }
      again = plans.indices.filter { plans[$0].isWidened }
      for index in again { plans[index].isWidened = false }
    }
    try source.checkUnchanged()
    let read = columns.compactMap(\.self)
    return Table(columns: read, rowCount: read.first?.rowCount ?? 0)
  }
}

/// The names of the columns of a CSV file. Throws `CSVError` and `FileError`.
package func csvColumnNames(_ path: String, format: CSVFormat) throws -> [String] {
  try CSVFile(CSVSource(path, format, threads: 1, .process)).names
}
