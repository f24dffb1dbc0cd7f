import Basics

/// Reads the columns again that are something else than they were read as, until none is, and the others are taken from the
/// file at `output` that the first reading left.
///
/// `pass` begins a reading of some columns, which stand at these positions of the table, into a sink; `taken` is told what each of them became. With `rejected` records
/// left out, columns of declared types are read again as well, since those are left out for their cells again. Gives the
/// digest of the table, `first` where it was not read again. What it writes beside `output` is added to `written`.
func readWidened<Reader: GroupReader>(
  _ plans: inout [ColumnPlan], rejected: Int, into output: String, badRows: Int?, written: inout [String],
  first: Digest?,
  pass: ([ColumnPlan], _ positions: [Int], ArrowSink) throws -> TextPass<ArrowSink, Reader>,
  taken: (_ index: Int, _ position: Int, PassFindings) -> Void
) throws -> Digest? {
  var digest = first
  var rejected = rejected
  // Every round widens a column at least, which can happen a few times only.
  while plans.contains(where: \.isWidened) {
    let again = plans.indices.filter { plans[$0].isWidened || rejected > 0 && plans[$0].declared != nil }
    for index in again { plans[index].isWidened = false }
    let previous = output + ".previous"
    try Files.rename(output, to: previous)
    written.append(previous)
    let base = try Table.open(previous)
    let sink = try ArrowSink(creating: output, fields: plans.map(\.field), base: (base, again))
    let reading = try pass(again.map { plans[$0] }, again, sink)
    try reading.run { _ in }
    var findings = reading.findings
    findings.decide()
    rejected = findings.rejected
    for (position, index) in again.enumerated() {
      plans[index] = findings.plans[position]
      taken(index, position, findings)
    }
    digest = try sink.finish(badRows: badRows)
    try Files.remove(previous)
  }
  return digest
}

/// The same in memory: the table of a first reading into `sink`, of which `findings` tell, and what must be read again.
func readWidened<Reader: GroupReader>(
  _ first: [ColumnPlan], columnCount: Int, _ firstFindings: PassFindings, _ firstSink: MemorySink,
  pass: ([ColumnPlan], MemorySink) throws -> TextPass<MemorySink, Reader>
) throws -> Table {
  let groupRows = ArrowFormat.rowsPerGroup(columns: columnCount)
  var (plans, findings, sink) = (first, firstFindings, firstSink)
  var columns: [Column?] = plans.map { _ in nil }
  var again = Array(plans.indices)
  while true {
    findings.decide()
    let table = sink.table(again.map { plans[$0].field }, groupRows: groupRows)
    for (position, index) in again.enumerated() {
      plans[index] = findings.plans[position]
      columns[index] = table.column(position)
    }
    again = plans.indices.filter { plans[$0].isWidened }
    if again.isEmpty { break }
    for index in again { plans[index].isWidened = false }
    sink = MemorySink()
    let reading = try pass(again.map { plans[$0] }, sink)
    try reading.run { _ in }
    findings = reading.findings
  }
  let read = columns.compactMap(\.self)
  return Table(columns: read, rowCount: read.first?.rowCount ?? 0)
}
