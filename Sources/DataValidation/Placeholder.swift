// Stand-in until the branch with this module is merged.
package import Basics
package import Tabular
package struct Expectations: Sendable { package init(json: JSON) throws {} }
package struct Finding: Sendable { package var message: String; package var exampleRows: [Int]; package var json: JSON }
package func validate(_ table: Table, _ expectations: Expectations, cancellation: Cancellation) throws -> [Finding] { [] }
package struct TableProfile: Sendable {
  package init(_ table: Table, columns: [String], rows: [Int], threads: Int, cancellation: Cancellation) throws {}
  package var json: JSON { [:] }
}
