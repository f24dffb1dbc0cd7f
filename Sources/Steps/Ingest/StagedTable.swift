import Basics
import DataValidation
import Execution
import Tabular

/// The table of an `ingest` step before the store has it.
struct StagedTable: Sendable {
  let path: String
  let badRowsPath: String
  let profiler: TableProfileBuilder
  private(set) var report: IngestReport
  private let settings: JSON

  /// Reads a source that is settled.
  init(_ source: PinnedSource, _ settings: JSON, in context: StepContext) throws {
    try self.init(settings, in: context) { try $0.read(source, into: $1) }
  }

  /// Reads a file before its digest is known.
  init(_ file: SourceFile, _ settings: JSON, in context: StepContext) throws {
    try self.init(settings, in: context) { try $0.readAhead(file, into: $1) }
  }

  private init(
    _ settings: JSON, in context: StepContext, read: (SourceReading, String) throws -> IngestReport
  ) throws {
    path = context.staging + "/table.arrow"
    profiler = TableProfileBuilder(cancellation: context.cancellation)
    let reading = SourceReading(settings: settings, context: context, observer: profiler)
    badRowsPath = reading.badRowsPath
    report = try read(reading, path)
    self.settings = settings
  }

  /// What was read while the digest of the source was taken; nil where nothing was. Throws what reading it threw, and where the
  /// file changed meanwhile.
  static func begun(_ source: PinnedSource, _ settings: JSON, in context: StepContext) throws -> StagedTable? {
    guard let headStart = context.headStart, case .file(let file) = source,
      var table = try headStart.result(in: context) as? StagedTable, table.settings == settings
    else { return nil }
    table.report.sourceDigest = file.digest
    let reading = SourceReading(settings: settings, context: context, observer: table.profiler)
    try reading.check(table.report, of: file)
    return table
  }
}
