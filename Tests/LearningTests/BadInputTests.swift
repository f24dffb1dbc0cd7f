import Diagnostics
import Testing

@testable import Learning

struct BadInputTests {
  private func error(_ sample: Sample, _ settings: FitSettings) -> LearningError? {
    do {
      _ = try fit(sample.design, settings, cancellation: never)
      return nil
    } catch { return error as? LearningError }
  }

  @Test func columnThatIsNotFiniteIsNamed() {
    for value in [Double.nan, .infinity, -.infinity] {
      for row in 0..<3 {
        var column = [4.0, 5, 6]
        column[row] = value
        let sample = Sample(columns: [[1, 2, 3], column], targets: [0, 1, 1])
        for objective in [Objective.linear, .logistic] {
          #expect(error(sample, FitSettings(objective: objective)) == .nonFinite(column: "2"))
        }
        #expect(
          error(sample, FitSettings(objective: .linear, columnNames: ["a", "b"])) == .nonFinite(column: "'b'"))
      }
    }
  }

  @Test func targetsAreChecked() {
    func sample(_ targets: [Double]) -> Sample { Sample(columns: [[1, 2, 4]], targets: targets) }
    #expect(error(sample([1, .nan, 2]), FitSettings(objective: .linear)) == .nonFiniteTarget)
    #expect(error(sample([1, 1, 1]), FitSettings(objective: .logistic)) == .emptyClass(0))
    #expect(error(sample([0, 0.5, 1]), FitSettings(objective: .logistic)) == .invalidTarget(classes: 2))
    #expect(error(sample([0, 2, 3]), FitSettings(objective: .multinomial(classes: 4))) == .emptyClass(1))
    #expect(error(Sample(columns: [[]], targets: []), FitSettings(objective: .linear)) == .noRows)
  }

  @Test func valuesThatCannotBeSquaredAreNamed() {
    let sample = Sample(columns: [[1e200, -1e200, 0]], targets: [0, 1, 1])
    #expect(error(sample, FitSettings(objective: .linear)) == .tooLarge(column: "1"))
  }

  @Test func settingsAreChecked() {
    let sample = Sample(columns: [[1, 2]], targets: [0, 1])
    #expect(
      error(sample, FitSettings(objective: .linear, penalty: Penalty(l2: -1)))
        == .invalidSetting("the l2 penalty must be a finite number of at least 0"))
    #expect(
      error(sample, FitSettings(objective: .multinomial(classes: 1)))
        == .invalidSetting("a multinomial model needs at least two classes"))
  }

  @Test func messagesSayWhatToDo() throws {
    let diagnostic = try #require(LearningError.nonFinite(column: "'age'").diagnostics.first)
    #expect(diagnostic.message == "column 'age' holds values that are not finite numbers after encoding")
    #expect(diagnostic.help == ["impute its missing values, or list them under ingest.missing"])
  }
}
