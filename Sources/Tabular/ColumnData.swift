/// A column given as Swift values; nil is missing.
package struct ColumnData: Sendable {
  package enum Values: Sendable {
    case integers([Int64?])
    /// NaN counts as missing.
    case numbers([Double?])
    case booleans([Bool?])
    /// Days since 1970-01-01.
    case dates([Int32?])
    /// Microseconds since 1970-01-01T00:00:00Z.
    case timestamps([Int64?])
    case categories([String?])
    /// Indices into levels, which are of different texts.
    case coded([Int?], levels: [String])
    case texts([String?])
    /// Ascending indices of at least 0 with a finite number each.
    case sparse([[SparseEntry]])
  }

  /// One number of a sparse row.
  package struct SparseEntry: Sendable, Hashable {
    package var index: Int32
    package var number: Double

    package init(_ index: Int32, _ number: Double) {
      self.index = index
      self.number = number
    }
  }

  package var name: String
  package var values: Values

  package init(_ name: String, _ values: Values) {
    self.name = name
    self.values = values
  }
}

extension Table {
  /// A table in memory. All columns must be of equal length, and names must differ.
  package init(columns: [ColumnData]) {
    let built = columns.map(Column.init)
    self.init(columns: built, rowCount: built.first?.rowCount ?? 0)
  }
}

extension Column {
  fileprivate init(_ data: ColumnData) {
    func filled<Value>(
      _ type: ColumnType, _ values: [Value?], levels: [String] = [], _ set: (SegmentBuffer, Int, Value) -> Void
    ) -> Column {
      let buffer = SegmentBuffer(type, rowCount: values.count)
      for (row, value) in values.enumerated() {
        if let value { set(buffer, row, value) }
      }
      return Column(
        field: Field(name: data.name, type: type), dictionary: levels, segments: [buffer.segment],
        segmentRows: values.count, owners: [buffer])
    }

    switch data.values {
    case .integers(let values): self = filled(.integer, values) { $0.set($1, integer: $2) }
    case .numbers(let values): self = filled(.number, values) { $0.set($1, number: $2) }
    case .booleans(let values): self = filled(.boolean, values) { $0.set($1, boolean: $2) }
    case .dates(let values): self = filled(.date, values) { $0.set($1, int32: $2) }
    case .timestamps(let values): self = filled(.timestamp, values) { $0.set($1, integer: $2) }
    case .texts(let values):
      self = filled(.text, values) { buffer, row, text in
        var text = text
        text.withUTF8 { buffer.set(row, text: $0) }
      }
    case .sparse(let rows):
      self = filled(.sparse, rows) { buffer, row, entries in
        entries.map(\.index).withUnsafeBufferPointer { indices in
          entries.map(\.number).withUnsafeBufferPointer { buffer.set(row, indices: indices, numbers: $0) }
        }
      }
    case .categories(let values):
      // Keyed by bytes: Swift strings that differ only in Unicode normalisation are equal, levels are not.
      let levels = Set(values.compactMap { $0.map { Array($0.utf8) } }).sorted { $0.lexicographicallyPrecedes($1) }
      let codes = Dictionary(uniqueKeysWithValues: zip(levels, Int32(0)...))
      self = filled(.category, values, levels: levels.map { String(decoding: $0, as: UTF8.self) }) {
        $0.set($1, int32: codes[Array($2.utf8)] ?? 0)
      }
    case .coded(let values, let levels):
      // The dictionary holds the levels that occur, in the order of their bytes.
      var occurs = [Bool](repeating: false, count: levels.count)
      for value in values { if let value { occurs[value] = true } }
      let sorted = levels.indices.filter { occurs[$0] }.sorted {
        levels[$0].utf8.lexicographicallyPrecedes(levels[$1].utf8)
      }
      var codes = [Int32](repeating: 0, count: levels.count)
      for (code, level) in sorted.enumerated() { codes[level] = Int32(code) }
      self = filled(.category, values, levels: sorted.map { levels[$0] }) { $0.set($1, int32: codes[$2]) }
    }
  }
}
