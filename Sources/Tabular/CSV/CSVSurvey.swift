import Diagnostics

/// What a first reading of a whole file finds: its rows and the evidence for the type of each column.
struct CSVSurvey: Sendable {
  /// Where a row group begins in the file, and the lines before it.
  struct GroupStart: Sendable {
    var offset, line: Int
  }

  private let file: String
  private(set) var columns: [ColumnEvidence]
  private(set) var rowCount = 0
  private(set) var groups: [GroupStart] = []
  private var ragged = CSVRecords.Ragged()
  private(set) var lineCount: Int
  private let names: [String]
  let groupRows: Int

  init(file: String, header: CSVHeader, format: CSVFormat) {
    self.file = file
    names = header.names
    lineCount = header.lineCount
    columns = header.names.map { ColumnEvidence(declared: format.declared[$0]) }
    groupRows = ArrowFormat.rowsPerGroup(columns: header.names.count)
  }

  /// What one piece of whole records holds. Pieces are looked at side by side and added in order; until then their lines
  /// count from the start of the piece.
  struct Piece: Sendable {
    fileprivate var records: CSVRecords
    fileprivate var columns: [ColumnEvidence]
    fileprivate var offset: Int
    fileprivate var flawPlace: Place?
  }

  /// Looks at the records of `bytes`, which stand at `offset` of the file.
  func look(
    at bytes: UnsafeBufferPointer<UInt8>, offset: Int, format: CSVFormat, markers: MissingMarkers
  ) -> Piece {
    var records = CSVRecords(bytes, delimiter: format.delimiter, columnCount: names.count)
    records.flaw = bytes.firstUnreadable() ?? records.flaw
    var columns: [ColumnEvidence] = []
    columns.reserveCapacity(names.count)
    for index in names.indices {
      var column = ColumnEvidence(declared: format.declared[names[index]])
      if self.columns[index].levels == nil { column.forgetLevels() }
      for row in 0..<records.rowCount {
        let cell = records.cells[row * names.count + index]
        bytes.withContent(of: cell) { content in
          column.add(
            CellClass(content, markers), content,
            at: CellPosition(
              recordOffset: offset + Int(records.rowStarts[row]), recordLine: Int(records.rowLines[row]),
              cellOffset: offset + cell.range.lowerBound))
        }
      }
      columns.append(column)
    }
    records.cells = []
    return Piece(
      records: records, columns: columns, offset: offset,
      flawPlace: records.flaw.map { bytes.place(of: $0.offset, file: file, line: 0) })
  }

  /// Adds the next piece of the file. Throws `CSVError` when its records cannot be told apart.
  mutating func add(_ piece: Piece) throws(CSVError) {
    let records = piece.records
    addRagged(records.ragged)
    if let flaw = records.flaw, var place = piece.flawPlace {
      place.line = place.line.map { $0 + lineCount }
      throw CSVError(file, raggedProblems + [CSVProblem(flaw, at: place)])
    }
    while groups.count * groupRows < rowCount + records.rowCount {
      let row = groups.count * groupRows - rowCount
      groups.append(
        GroupStart(offset: piece.offset + Int(records.rowStarts[row]), line: lineCount + Int(records.rowLines[row])))
    }
    for index in columns.indices { columns[index].add(piece.columns[index], linesBefore: lineCount) }
    rowCount += records.rowCount
    lineCount += records.lineCount
  }

  private mutating func addRagged(_ found: CSVRecords.Ragged) {
    if found.count == 0 { return }
    if ragged.count == 0 {
      ragged = found
      ragged.firstLine += lineCount
      ragged.count = 0
    }
    ragged.count += found.count
  }

  private var raggedProblems: [CSVProblem] {
    if ragged.count == 0 { return [] }
    let first = Place(file: file, line: ragged.firstLine + 1, column: 1)
    return [.ragged(count: ragged.count, found: ragged.firstFound, expected: names.count, first: first)]
  }

  /// The type of each column, and what a person should know.
  struct Outcome {
    var schema: Schema
    /// The levels of each column, where it is a category.
    var levels: [LevelTable]
    var remarks: [(column: Int, remark: TypeInference.Remark)]
  }

  /// Decides the types when the whole file was seen. Throws `CSVError` with all that is wrong; `place` finds a cell's line
  /// and column.
  func outcome(_ format: CSVFormat, place: (CellPosition) throws -> Place) throws -> Outcome {
    var problems = raggedProblems
    if rowCount == 0, problems.isEmpty { problems.append(.noRows) }
    var outcome = Outcome(schema: Schema(fields: []), levels: [], remarks: [])
    for (index, name) in names.enumerated() {
      let evidence = columns[index]
      var type = format.declared[name]
      if let declared = type {
        let misfits = CellClass.allCases.filter { $0 != .missing && !declared.accepted.contains($0) }
        if let (found, position) = evidence.first(misfits) {
          problems.append(
            .mistyped(
              column: name, expected: declared, found: .init(found), count: evidence.count(misfits),
              first: try place(position)))
        }
        if declared == .category, evidence.levels == nil {
          problems.append(.tooManyLevels(column: name, limit: TypeInference.declaredLevels))
        }
      } else {
        let inferred = TypeInference.type(of: evidence)
        type = inferred.type
        if let remark = inferred.remark { outcome.remarks.append((index, remark)) }
      }
      let field = Field(name: name, type: type ?? .text)
      outcome.schema.fields.append(field)
      outcome.levels.append(field.type == .category ? evidence.levels ?? LevelTable() : LevelTable())
    }
    if !problems.isEmpty { throw CSVError(file, problems) }
    return outcome
  }
}
