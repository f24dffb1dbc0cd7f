package import Basics

/// What the cells of a column are.
package enum ColumnType: String, Sendable, Hashable, CaseIterable {
  /// 64-bit integers.
  case integer
  /// Finite doubles.
  case number
  /// True or false.
  case boolean
  /// Days of the proleptic Gregorian calendar.
  case date
  /// Instants in microseconds since 1970-01-01T00:00:00Z.
  case timestamp
  /// Text with few distinct values, stored as codes into a dictionary.
  case category
  /// Any text.
  case text
  /// Numbers under integer indices, a few a row: one column that stands for as many as there are indices.
  case sparse

  /// Whether `Column.readNumbers` can read such a column.
  package var isNumeric: Bool { self != .category && self != .text && self != .sparse }

  /// Whether the values are points in time.
  package var isTime: Bool { self == .date || self == .timestamp }

  /// The types that the cells of a CSV file can have.
  package static let ofCells = allCases.filter { $0 != .sparse }
}

/// A column's name and type.
package struct Field: Sendable, Hashable {
  package var name: String
  package var type: ColumnType

  package init(name: String, type: ColumnType) {
    self.name = name
    self.type = type
  }
}

/// The columns of a table, in order.
package struct Schema: Sendable, Hashable {
  package var fields: [Field]

  package init(fields: [Field]) {
    self.fields = fields
  }

  package var names: [String] { fields.map(\.name) }

  /// The position of a column, or nil. O(columns).
  package func index(of name: String) -> Int? {
    fields.firstIndex { $0.name == name }
  }

  /// `[{"name": …, "type": …}, …]`, in column order.
  package var json: JSON {
    .array(fields.map { ["name": JSON($0.name), "type": JSON($0.type.rawValue)] })
  }

  /// Reads what `json` writes. Throws `TableError.malformedSchema` for anything else.
  package init(json: JSON) throws(TableError) {
    guard let entries = json.arrayValue else { throw .malformedSchema }
    fields = []
    for entry in entries {
      guard let name = entry["name"]?.stringValue, let word = entry["type"]?.stringValue,
        let type = ColumnType(rawValue: word)
      else { throw .malformedSchema }
      fields.append(Field(name: name, type: type))
    }
  }
}
