package import Tabular

/// A column that adds a known term to the scores of a model of counts, its coefficient being 1.
package struct OffsetColumn: Sendable, Hashable {
  package var name: String
  package var type: ColumnType
  /// Whether the term is the logarithm of the column, which then says how much each row was exposed: time at risk, area.
  package var isExposure: Bool

  package init(name: String, type: ColumnType, isExposure: Bool) {
    self.name = name
    self.type = type
    self.isExposure = isExposure
  }

  package var field: Field { Field(name: name, type: type) }

  /// Finds the column in `table`. Throws where it is not there or of another type.
  package func bind(to table: Table) throws(InferenceError) -> BoundOffset {
    BoundOffset(offset: self, column: try table.column(for: field))
  }
}

/// An offset with the column of one table in hand.
package struct BoundOffset: Sendable {
  package let offset: OffsetColumn
  let column: Column
}
