import CKernels
import Diagnostics
package import Tabular

extension Encoder {
  /// Finds the columns of `table` and how its categories are coded. Throws for a column that is not there or of another
  /// type.
  ///
  /// Integers may come as numbers and the reverse, categories as text and the reverse, and a column in which everything
  /// is missing as any type.
  package func bind(to table: Table) throws(InferenceError) -> BoundEncoder {
    try BoundEncoder(self, table)
  }

  /// Encodes `rows` of `table`; see `BoundEncoder.encode`, which saves the binding when there is more than one call.
  package func encode(
    _ table: Table, rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int
  ) throws(InferenceError) {
    try bind(to: table).encode(rows, into: out, leadingDimension: leadingDimension)
  }
}

/// An encoder with the columns of one table in hand.
package struct BoundEncoder: Sendable {
  package let encoder: Encoder
  let sources: [Source]
  private let table: Table
  private let plainNumbers: PlainNumbers
  /// Of the columns that are read.
  private let bytesPerRow: Int

  enum Source: Sendable {
    case number(NumberFeature, Column)
    case indicator(Column)
    case oneHot(LevelColumns, Column)
    /// With the bucket of each code of the table's dictionary.
    case hash(HashFeature, Column, ofCode: [Int32])
    case text(TextFeature, Column)
    case sparse(IndexPlaces, width: Int, Column)
    /// A column in which everything is missing.
    case nothing(Feature)
  }

  fileprivate init(_ encoder: Encoder, _ table: Table) throws(InferenceError) {
    self.encoder = encoder
    self.table = table
    var columns: [String: Column] = [:]
    for field in encoder.inputs { columns[field.name] = try table.column(for: field) }
    bytesPerRow = columns.values.reduce(0) { $0 + $1.bytesPerRow }
    var sources: [Source] = []
    for feature in encoder.features {
      guard let column = columns[feature.input] else { continue }
      switch feature {
      case .indicator: sources.append(.indicator(column))
      case .number(let number):
        sources.append(column.type.isNumeric ? .number(number, column) : .nothing(feature))
      case .oneHot(let oneHot):
        sources.append(
          column.type.isNumeric
            ? .nothing(feature) : .oneHot(LevelColumns(oneHot, dictionary: column.dictionary), column))
      case .hash(let hash):
        let ofCode = column.dictionary.map { hash.bucket(of: $0.utf8) }
        sources.append(column.type.isNumeric ? .nothing(feature) : .hash(hash, column, ofCode: ofCode))
      case .text(let text): sources.append(column.type.isNumeric ? .nothing(feature) : .text(text, column))
      case .sparse(let sparse):
        sources.append(
          column.type == .sparse
            ? .sparse(IndexPlaces(sparse.indices), width: sparse.indices.count, column) : .nothing(feature))
      }
    }
    self.sources = sources
    plainNumbers = PlainNumbers(sources)
  }

  /// Fills a column-major block, finite in every element: design column `c` of row `r` is at
  /// `out[c * leadingDimension + (r - rows.lowerBound)]`.
  ///
  /// Throws where a value is missing and nothing is imputed, and where an encoded number is not finite.
  package func encode(
    _ rows: Range<Int>, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int
  ) throws(InferenceError) {
    try encode(rows, picks: nil, into: out, leadingDimension: leadingDimension)
  }

  /// The same for some rows of `window` only, one after the other; nil for all of them. Pages of a mapped table
  /// are let go of on the way.
  func encode(
    _ window: Range<Int>, picks: ArraySlice<Int>?, into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int
  ) throws(InferenceError) {
    let count = picks?.count ?? window.count
    precondition(leadingDimension >= count && out.count >= leadingDimension * (encoder.columnCount - 1) + count)
    try PickMask.with(picks, of: window) { (picked) throws(InferenceError) in
      try encode(window, picks, picked, into: out, leadingDimension: leadingDimension)
    }
    noteRead(window)
  }

  private func encode(
    _ window: Range<Int>, _ picks: ArraySlice<Int>?, _ picked: UnsafePointer<ckernels_picks>?,
    into out: UnsafeMutableBufferPointer<Double>, leadingDimension: Int
  ) throws(InferenceError) {
    let count = picks?.count ?? window.count
    var scratch: [Double] = []
    var at = 0
    var index = 0
    func design(_ index: Int) -> UnsafeMutableBufferPointer<Double> {
      let start = (at + index) * leadingDimension
      return UnsafeMutableBufferPointer(rebasing: out[start..<start + count])
    }
    func row(_ place: Int) -> Int { picks.map { $0[$0.startIndex + place] } ?? window.lowerBound + place }
    while index < sources.count {
      let plain = plainNumbers.encode(
        from: index, window, picked, into: out, at: at, leadingDimension: leadingDimension)
      (index, at) = (index + plain.count, at + plain.count)
      if !plain.isFinite, case .number(let feature, _) = sources[index - 1] {
        throw feature.fault(in: design(-1), row: row)
      }
      if index == sources.count { break }
      defer { index += 1 }
      switch sources[index] {
      case .number(let feature, let column):
        if scratch.isEmpty { scratch = [Double](repeating: 0, count: window.count) }
        let isFinite = scratch.withUnsafeMutableBufferPointer {
          feature.encode(column, window, picked, scratch: $0, into: design(0))
        }
        if !isFinite { throw feature.fault(in: design(0), row: row) }
        at += 1
      case .indicator(let column):
        let values = design(0)
        if let picks {
          for (index, row) in picks.enumerated() { values[index] = column.isMissing(row) ? 1 : 0 }
        } else {
          for row in window { values[row - window.lowerBound] = column.isMissing(row) ? 1 : 0 }
        }
        at += 1
      case .oneHot(let levels, let column):
        for index in 0..<levels.width { design(index).update(repeating: 0) }
        var next = picks?.startIndex ?? 0
        levels.each(window, of: column) { row, index in
          guard let picks else {
            out[(at + index) * leadingDimension + row] = 1
            return
          }
          while next < picks.endIndex, picks[next] < window.lowerBound + row { next += 1 }
          guard next < picks.endIndex, picks[next] == window.lowerBound + row else { return }
          out[(at + index) * leadingDimension + next - picks.startIndex] = 1
        }
        at += levels.width
      case .hash, .text, .sparse, .nothing(.hash), .nothing(.text), .nothing(.sparse):
        preconditionFailure("a sparse encoder is not used to fill a dense block")
      case .nothing(.number(let feature)):
        design(0).update(repeating: .nan)
        try feature.apply(to: design(0), of: .number, row: row)
        at += 1
      case .nothing(let feature):
        let missing = LevelColumns(feature)
        for index in 0..<missing.width { design(index).update(repeating: index == missing.ofMissing ? 1 : 0) }
        at += missing.width
      }
    }
  }

  /// Lets go of pages of a mapped table now and then.
  func noteRead(_ window: Range<Int>) {
    table.noteRead(rows: window.count, columns: encoder.inputs.count, bytesPerRow: bytesPerRow)
  }
}

extension BoundEncoder.Source {
  /// Columns of the design.
  var width: Int {
    switch self {
    case .number, .indicator: 1
    case .oneHot(let levels, _): levels.width
    case .hash(let feature, _, _): feature.buckets
    case .text(let feature, _): feature.buckets
    case .sparse(_, let width, _): width
    case .nothing(let feature): feature.width
    }
  }
}

extension NumberFeature {
  /// Encodes numbers of a column of this type in place, NaN where missing. `row` tells the table row of a place, for messages.
  func apply(
    to values: UnsafeMutableBufferPointer<Double>, of type: ColumnType, row: (Int) -> Int
  ) throws(InferenceError) {
    part?.replace(values, of: type)
    guard let start = values.baseAddress else { return }
    let isFinite = ckernels_encode(start, nil, values.count, change, start, nil) != 0
    if !isFinite { throw fault(in: values, row: row) }
  }

  /// Encodes a window of a column, or the picked rows of it; false when something is not finite. `scratch` has room for the
  /// window.
  fileprivate func encode(
    _ column: Column, _ window: Range<Int>, _ picks: UnsafePointer<ckernels_picks>?,
    scratch: UnsafeMutableBufferPointer<Double>, into out: UnsafeMutableBufferPointer<Double>
  ) -> Bool {
    let values = UnsafeMutableBufferPointer(rebasing: scratch[..<window.count])
    column.readNumbers(window, into: values)
    part?.replace(values, of: column.type)
    guard let start = values.baseAddress, let to = out.baseAddress else { return true }
    return ckernels_encode(start, picks, window.count, change, to, nil) != 0
  }

  fileprivate var change: ckernels_change {
    ckernels_change(stand_in: impute ?? .nan, offset: offset, factor: factor)
  }

  /// What is wrong with encoded values of which one is not finite.
  func fault(in values: UnsafeMutableBufferPointer<Double>, row: (Int) -> Int) -> InferenceError {
    let first = values.firstIndex { !$0.isFinite } ?? 0
    if values[first].isNaN, impute == nil { return .missingValue(column: input, row: row(first) + 1) }
    return .notFinite(column: input, row: row(first) + 1)
  }
}

/// The picked rows of a window in the form that kernels take.
private enum PickMask {
  /// Calls `body` with the picks; with nil for none, which means all rows.
  static func with(
    _ picks: ArraySlice<Int>?, of window: Range<Int>,
    _ body: (UnsafePointer<ckernels_picks>?) throws(InferenceError) -> Void
  ) throws(InferenceError) {
    guard let picks else { return try body(nil) }
    let bytes = (window.count + 7) / 8
    let result = picks.withUnsafeBufferPointer { rows in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes) { mask in
        ckernels_mask(rows.baseAddress, window.lowerBound, rows.count, mask.baseAddress, bytes)
        let picks = ckernels_picks(
          rows: rows.baseAddress, first: window.lowerBound, count: rows.count, mask: UnsafePointer(mask.baseAddress))
        return withUnsafePointer(to: picks) { picks in
          Result { () throws(InferenceError) in try body(picks) }
        }
      }
    }
    try result.get()
  }
}

/// Where numbers lie in memory that need nothing but a change, so that a block of many columns costs no more than their
/// numbers. Valid as long as the columns are held.
private struct PlainNumbers: @unchecked Sendable {
  let groupRows: Int
  private let rowCount: Int
  private let changes: [ckernels_change]
  /// Of each row group those of all sources; nil for what has to be read otherwise.
  private var starts: [UnsafePointer<Double>?] = []

  init(_ sources: [BoundEncoder.Source]) {
    let columns = sources.map { source -> (NumberFeature, Column)? in
      guard case .number(let feature, let column) = source, feature.part == nil, column.type == .number else {
        return nil
      }
      return (feature, column)
    }
    let first = columns.lazy.compactMap { $0?.1 }.first
    let (groupRows, rowCount) = (max(1, first?.groupRows ?? 0), first?.rowCount ?? 0)
    (self.groupRows, self.rowCount) = (groupRows, rowCount)
    changes = columns.map { $0?.0.change ?? ckernels_change(stand_in: .nan, offset: 0, factor: 1) }
    for start in stride(from: 0, to: rowCount, by: groupRows) {
      for column in columns {
        starts.append(column.flatMap { $0.1.numbersInPlace(start..<min(rowCount, start + groupRows)) })
      }
    }
  }

  /// Encodes a window of the sources from `first` on as long as they are numbers of this kind, into columns from `place` on: how many
  /// there are, and whether all is finite; the last of them is not where it is not.
  func encode(
    from first: Int, _ window: Range<Int>, _ picks: UnsafePointer<ckernels_picks>?,
    into out: UnsafeMutableBufferPointer<Double>, at place: Int, leadingDimension: Int
  ) -> (count: Int, isFinite: Bool) {
    let group = window.lowerBound / groupRows
    // A window in several row groups does not lie in one piece.
    guard !window.isEmpty, window.upperBound <= min(rowCount, (group + 1) * groupRows), let to = out.baseAddress else {
      return (0, true)
    }
    return starts.withUnsafeBufferPointer { starts in
      changes.withUnsafeBufferPointer { changes in
        guard let start = starts.baseAddress, let change = changes.baseAddress else { return (0, true) }
        var isFinite: Int32 = 1
        let count = ckernels_encode_columns(
          start + (group * changes.count + first), change + first, changes.count - first,
          window.lowerBound % groupRows, picks, window.count, to + place * leadingDimension, leadingDimension, &isFinite
        )
        return (count, isFinite != 0)
      }
    }
  }
}

/// Which design column each code of a table's dictionary goes to.
struct LevelColumns: Sendable {
  let width: Int
  /// Of missing cells; -1 for none.
  let ofMissing: Int
  private let ofUnknown: Int
  private let ofCode: [Int]
  /// By the level's bytes, for cells that are text. Swift strings would be equal under Unicode normalisation; levels
  /// are not.
  private let ofLevel: [[UInt8]: Int]

  init(_ feature: OneHotFeature, dictionary: [String] = []) {
    width = feature.columns.count
    let unknown = feature.columns.firstIndex(where: \.takesUnknown) ?? -1
    var ofLevel: [[UInt8]: Int] = [:]
    for level in feature.baseline { ofLevel[Array(level.utf8)] = -1 }
    for (index, column) in feature.columns.enumerated() {
      for level in column.levels { ofLevel[Array(level.utf8)] = index }
    }
    self.ofLevel = ofLevel
    ofUnknown = unknown
    ofMissing = feature.columns.firstIndex(where: \.takesMissing) ?? unknown
    ofCode = dictionary.map { ofLevel[Array($0.utf8)] ?? unknown }
  }

  /// For a column in which everything is missing.
  init(_ feature: Feature) {
    if case .oneHot(let oneHot) = feature {
      self.init(oneHot)
    } else {
      self.init(OneHotFeature(input: feature.input, columns: [], baseline: []))
    }
  }

  /// Calls `body` with the position within `rows` and the design column of each row that has one.
  func each(_ rows: Range<Int>, of column: Column, _ body: (_ row: Int, _ index: Int) -> Void) {
    if column.type == .category {
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows.count) { codes in
        codes.initialize(repeating: 0)
        column.readCodes(rows, into: codes)
        for (row, code) in codes.enumerated() {
          let index = code < 0 ? ofMissing : ofCode[Int(code)]
          if index >= 0 { body(row, index) }
        }
      }
      return
    }
    for row in rows {
      let index = column.text(row).map { ofLevel[Array($0.utf8)] ?? ofUnknown } ?? ofMissing
      if index >= 0 { body(row - rows.lowerBound, index) }
    }
  }
}

extension Table {
  /// The column that a model knows as `field`, where its type will do.
  func column(for field: Field) throws(InferenceError) -> Column {
    guard let column = column(named: field.name) else {
      throw .missingColumn(field.name, nearest: nearestName(to: field.name, among: schema.names))
    }
    let isSame =
      switch field.type {
      case .integer, .number: column.type == .integer || column.type == .number
      case .boolean, .date, .timestamp: column.type == field.type
      case .category, .text: column.type == .category || column.type == .text
      case .sparse: column.type == .sparse
      }
    if isSame || column.missingCount == column.rowCount { return column }
    throw .mistypedColumn(field.name, found: column.type, expected: field.type)
  }
}
