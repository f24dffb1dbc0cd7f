import Basics
import Inference
import Tabular
import Testing

@Suite struct TargetTests {
  @Test func classesAreSortedByTheirType() throws {
    #expect(try target(.integers([10, 9, -1, 9]), .multinomial).classes == ["-1", "9", "10"])
    #expect(try target(.numbers([10, 9.5]), .logistic).classes == ["9.5", "10"])
    #expect(try target(.booleans([true, false]), .logistic).classes == ["false", "true"])
    #expect(try target(.dates([19782, 1]), .logistic).classes == ["1970-01-02", "2024-02-29"])
    #expect(try target(.categories(["b", "a", "B"]), .multinomial).classes == ["B", "a", "b"])
    #expect(try target(.texts(["yes", "no"]), .logistic).classes == ["no", "yes"])
  }

  @Test func thePositiveClassIsTheLastUnlessNamed() throws {
    #expect(try target(.categories(["b", "a"]), .logistic).positive == 1)
    #expect(try target(.categories(["b", "a"]), .logistic, positive: "a").positive == 0)
    #expect(try target(.categories(["b", "a", "c"]), .multinomial).positive == nil)
    #expect(throws: InferenceError.unknownPositive("bad1", column: "y", nearest: "bad")) {
      try target(.categories(["bad", "good"]), .logistic, positive: "bad1")
    }
  }

  @Test func labelsHaveTheTypeOfTheColumn() throws {
    #expect(try target(.integers([1, 0]), .logistic).label(1) == .integer(1))
    #expect(try target(.booleans([true, false]), .logistic).label(0) == .bool(false))
    #expect(try target(.numbers([0.5, 2]), .logistic).label(0) == .number(0.5))
    #expect(try target(.texts(["1", "2"]), .logistic).label(0) == .string("1"))
  }

  @Test func targetsThatCannotBeLearnedAreRefused() {
    #expect(throws: InferenceError.oneClass(column: "y")) { try target(.integers([1, 1]), .logistic) }
    #expect(throws: InferenceError.notTwoClasses(column: "y")) { try target(.integers([1, 2, 3]), .logistic) }
    #expect(throws: InferenceError.missingTargets(column: "y", count: 1)) { try target(.integers([1, nil]), .linear) }
    #expect(throws: InferenceError.targetIsNoNumber(column: "y", found: .category)) {
      try target(.categories(["a", "b"]), .linear)
    }
    #expect(throws: InferenceError.tooManyClasses(column: "y")) {
      try target(.integers((0..<1001).map { $0 }), .multinomial)
    }
    #expect(throws: InferenceError.missingColumn("x", nearest: "y")) {
      try Target.fit(Table(columns: [ColumnData("y", .integers([1]))]), name: "x", rows: .all, objective: .linear)
    }
  }

  @Test(arguments: [
    (ColumnData.Values.integers([1, 0, 2, nil]), ColumnData.Values.integers([0, 1])),
    (.categories(["b", "a", "c", nil]), .categories(["a", "b"])),
    (.texts(["b", "a", "c", nil]), .categories(["a", "b"])),
    (.dates([9, 7, 8, nil]), .dates([7, 9])),
  ])
  func rowsAreReadAsClassIndices(_ values: ColumnData.Values, _ training: ColumnData.Values) throws {
    let target = try target(training, .logistic, positive: nil)
    let bound = try target.bind(to: Table(columns: [ColumnData("y", values)]))
    var out = [Double](repeating: 9, count: 4)
    out.withUnsafeMutableBufferPointer { bound.read(0..<4, into: $0) }
    #expect(Array(out[..<3]) == [1, 0, -1])
    #expect(out[3].isNaN)
  }

  @Test func aLogisticFitSeesOneForThePositiveClass() throws {
    let target = try target(.categories(["bad", "good"]), .logistic, positive: "bad")
    let bound = try target.bind(to: Table(columns: [ColumnData("y", .categories(["good", "bad"]))]))
    var out = [Double](repeating: 9, count: 2)
    out.withUnsafeMutableBufferPointer { bound.readForFit(.logistic, 0..<2, into: $0) }
    #expect(out == [0, 1])
  }

  private func target(
    _ values: ColumnData.Values, _ objective: ModelObjective, positive: String? = nil
  ) throws -> Target {
    try Target.fit(
      Table(columns: [ColumnData("y", values)]), name: "y", rows: .all, objective: objective, positive: positive)
  }
}
