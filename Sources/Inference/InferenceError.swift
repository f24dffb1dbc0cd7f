package import Tabular

/// Why an encoder or a model cannot be fitted, read or applied.
package enum InferenceError: Error, Sendable, Hashable {
  /// A setting under `features` with a value it cannot have: its path, and what it must be.
  case badSetting(String, expected: String)
  /// A setting names a column that is not among the features.
  case unknownFeature(String, setting: String, nearest: String?)

  /// The table lacks a column that is needed.
  case missingColumn(String, nearest: String?)
  case mistypedColumn(String, found: ColumnType, expected: ColumnType)
  /// A missing value where nothing is imputed; the row counts from 1.
  case missingValue(column: String, row: Int)
  /// A value so far from those of the training that its encoding is not finite; the row counts from 1.
  case notFinite(column: String, row: Int)
  /// Values so large or so close together that arithmetic on them fails.
  case cannotScale(column: String, ScaleFault)
  /// A column that the workflow asks for by name, and that holds text which is not encoded. Where the rest of it are numbers,
  /// the first cell that is none, with its row, which counts from 1.
  case textFeature(String, row: Int?, cell: String?)

  /// An offset that is missing, or an exposure that is not above 0; the row counts from 1.
  case badOffset(column: String, row: Int, isExposure: Bool, isMissing: Bool)
  /// A target of a model of counts below 0; the row counts from 1.
  case negativeCount(column: String, row: Int)
  /// All counts are 0.
  case noEvents(column: String)
  case missingTargets(column: String, count: Int)
  case targetIsNoNumber(column: String, found: ColumnType)
  case oneClass(column: String)
  case notTwoClasses(column: String)
  case tooManyClasses(column: String)
  case unknownPositive(String, column: String, nearest: String?)

  /// A model that does not know the means of its training rows.
  case noReference

  /// A fitted model with a number that is not finite, by its place in the model.
  case nonFiniteModel(String)
  /// A model file that is not what was written: its path and what is wrong.
  case damagedModel(String, String)
  /// A model file written by a later version: its path and what is not known.
  case unknownFormat(String, String)
}

/// Why a column cannot be scaled, or not be used as it is.
package enum ScaleFault: Sendable, Hashable {
  case large, small, largeUnscaled, smallUnscaled
}

/// The most classes a target may have.
package let mostClasses = 1000
