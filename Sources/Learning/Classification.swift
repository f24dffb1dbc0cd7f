internal import Basics
struct Classification: PreparedProblem {
  init(_ source: any DesignSource, _ settings: FitSettings, cancellation: Cancellation) throws {}
  func fit(l2: Double, start: Fit?, cancellation: Cancellation) throws -> Fit { throw LearningError.noRows }
}
