import Basics
import Diagnostics
import Inference
import Statistics
import Tabular
import Testing

@Suite struct EncoderTests {
  /// SimpleImputer, StandardScaler and OneHotEncoder, fitted on 44 of 60 rows: `Fixtures/encoding_reference.py`.
  @Test func designAgreesWithScikitLearn() throws {
    let reference = try Reference()
    let encoder = try reference.encoder()
    let names = try #require(reference.json["names"]?.arrayValue).compactMap(\.stringValue)
    #expect(Set(encoder.outputNames) == Set(names))
    let ours = try design(encoder, reference.table)
    let theirs = try reference.numbers("design")
    for (index, name) in encoder.outputNames.enumerated() {
      let column = try #require(names.firstIndex(of: name))
      for row in ours.indices {
        #expect(abs(ours[row][index] - theirs[row * names.count + column]) < 1e-12, "\(name), row \(row)")
      }
    }
  }

  @Test func columnsThatTeachNothingAreLeftOutAndNamed() throws {
    let table = Table(columns: [
      ColumnData("a", .numbers([1, 2, 3])), ColumnData("same", .integers([4, 4, nil])),
      ColumnData("none", .numbers([nil, nil, nil])), ColumnData("note", .texts(["x", "y", "z"])),
      ColumnData("one", .categories(["k", "k", "k"])), ColumnData("day", .dates([nil, nil, nil])),
    ])
    let (encoder, notes) = try fit(table)
    #expect(encoder.outputNames == ["a"])
    #expect(encoder.inputs == [Field(name: "a", type: .number)])
    #expect(
      notes.map(\.message) == [
        "columns 'same', 'one' left out: constant in the training rows",
        "columns 'none', 'day' left out: all missing in the training rows",
        "column 'note' left out: text is not encoded",
      ])
  }

  @Test func datesBecomeParts() throws {
    // 2024-02-29 was a Thursday, 1969-12-31 a Wednesday.
    let days = try ["2024-02-29", "1969-12-31", "2023-12-31"].map {
      Int32(try #require(CalendarDate(text: $0)).daysSinceEpoch)
    }
    let table = Table(columns: [ColumnData("when", .dates(days))])
    let json: JSON = [
      "numeric": ["scale": "none"],
      "dates": ["parts": ["year", "quarter", "month", "day", "weekday", "day_of_year", "days"]],
    ]
    let (encoder, _) = try fit(table, try EncoderSettings(json: json))
    #expect(encoder.outputNames.first == "when.year")
    #expect(
      try design(encoder, table) == [
        [2024, 1, 2, 29, 4, 60, 19782], [1969, 4, 12, 31, 3, 365, -1], [2023, 4, 12, 31, 7, 365, 19722],
      ])
    #expect(try fit(table).encoder.outputNames == ["when.year", "when.month", "when.weekday", "when.days"])
  }

  @Test func timestampsBecomePartsInUTC() throws {
    let instants = try ["2024-02-29T13:00:00Z", "1969-12-31T23:59:59.999999Z", "2023-12-31T18:00:00-06:00"].map {
      try #require(parseTimestamp($0))
    }
    let table = Table(columns: [ColumnData("at", .timestamps(instants))])
    let json: JSON = ["numeric": ["scale": "none"], "dates": ["parts": ["year", "day", "weekday", "hour", "days"]]]
    let (encoder, _) = try fit(table, try EncoderSettings(json: json))
    #expect(encoder.inputs == [Field(name: "at", type: .timestamp)])
    let rows = try design(encoder, table)
    #expect(rows.map { Array($0.prefix(4)) } == [[2024, 29, 4, 13], [1969, 31, 3, 23], [2024, 1, 1, 0]])
    #expect(rows[0][4] == 19782 + 13.0 / 24)
    #expect(try fit(table).encoder.outputNames == ["at.year", "at.month", "at.weekday", "at.days"])
    #expect(throws: InferenceError.mistypedColumn("at", found: .date, expected: .timestamp)) {
      try design(encoder, Table(columns: [ColumnData("at", .dates([0]))]))
    }
  }

  @Test func unknownAndMissingLevelsHaveTheirPlace() throws {
    let training = Table(columns: [ColumnData("c", .categories(["a", "a", "b", "b", "r", nil]))])
    let later = Table(columns: [ColumnData("c", .texts(["b", "new", "r", nil]))])
    let plain = try fit(training).encoder
    #expect(plain.outputNames == ["c=a", "c=b", "c=r", "c.missing"])
    #expect(try design(plain, later) == [[0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])

    let rare = try fit(training, try EncoderSettings(json: ["categorical": ["rare": 0.2]])).encoder
    #expect(rare.outputNames == ["c=a", "c=b", "c.rare", "c.missing"])
    #expect(try design(rare, later) == [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]])

    let few = try fit(training, try EncoderSettings(json: ["categorical": ["max_levels": 1]]), dropsLevel: true).encoder
    #expect(few.outputNames == ["c.rare", "c.missing"])
    #expect(try design(few, later) == [[1, 0], [1, 0], [1, 0], [0, 1]])
  }

  @Test func missingNumbersAreImputedAsAsked() throws {
    let table = Table(columns: [ColumnData("x", .numbers([1, nil, 2, 6]))])
    func column(_ impute: String, indicators: Bool = false) throws -> [[Double]] {
      let json: JSON = ["numeric": ["impute": .string(impute), "scale": "none"], "indicators": .bool(indicators)]
      return try design(try fit(table, try EncoderSettings(json: json)).encoder, table)
    }
    #expect(try column("median") == [[1], [2], [2], [6]])
    #expect(try column("mean") == [[1], [3], [2], [6]])
    #expect(try column("zero") == [[1], [0], [2], [6]])
    #expect(try column("zero", indicators: true) == [[1, 0], [0, 1], [2, 0], [6, 0]])
    #expect(throws: InferenceError.missingValue(column: "x", row: 2)) { try column("none") }
  }

  @Test func withoutImputationAMissingValueAtServingIsAnError() throws {
    let json: JSON = ["numeric": ["impute": "none"]]
    let (encoder, _) = try fit(Table(columns: [ColumnData("x", .numbers([1, 2]))]), try EncoderSettings(json: json))
    let later = Table(columns: [ColumnData("x", .numbers([1, 2, nil]))])
    #expect(throws: InferenceError.missingValue(column: "x", row: 3)) { try design(encoder, later) }
    let huge = Table(columns: [ColumnData("x", .numbers([1, 1e308, -1e308]))])
    let tiny = try fit(Table(columns: [ColumnData("x", .numbers([0, 1e-10]))])).encoder
    #expect(throws: InferenceError.notFinite(column: "x", row: 2)) { try design(tiny, huge) }
  }

  @Test func extremeNumbersAreScaledWithoutOverflow() throws {
    for scale in [1e-300, 1e300] {
      let table = Table(columns: [ColumnData("x", .numbers([-1, 0, 1].map { $0 * scale }))])
      let values = try design(try fit(table).encoder, table).flatMap { $0 }
      let expected = 1.5.squareRoot()
      #expect(zip(values, [-expected, 0, expected]).allSatisfy { abs($0 - $1) < 1e-12 })
    }
    let table = Table(columns: [ColumnData("x", .numbers([-1.5e308, 1.5e308]))])
    #expect(throws: InferenceError.cannotScale(column: "x", .large)) { try fit(table) }
    let close = Table(columns: [ColumnData("x", .numbers([0, .leastNonzeroMagnitude]))])
    #expect(throws: InferenceError.cannotScale(column: "x", .small)) { try fit(close) }
    let unscaled = try EncoderSettings(json: ["numeric": ["scale": "none"]])
    for (scale, fault) in [(1e-141, ScaleFault.smallUnscaled), (1e141, .largeUnscaled)] {
      let table = Table(columns: [ColumnData("x", .numbers([0, scale, 0.5 * scale]))])
      #expect(throws: InferenceError.cannotScale(column: "x", fault)) { try fit(table, unscaled) }
    }
    let wide = Table(columns: [ColumnData("x", .numbers([0, 1e139])), ColumnData("z", .numbers([0, 1e-139]))])
    #expect(try fit(wide, unscaled).encoder.columnCount == 2)
  }

  /// 0 stays 0, so that a fit without an intercept goes through the origin.
  @Test func withoutAnInterceptNothingIsTakenOff() throws {
    let table = Table(columns: [ColumnData("x", .numbers([0, 3, 4])), ColumnData("g", .categories(["a", "b", "c"]))])
    func columns(_ scale: String) throws -> [Double] {
      var settings = try EncoderSettings(json: ["numeric": ["scale": .string(scale)], "only": ["x"]])
      settings.hasIntercept = false
      return try design(fit(table, settings).encoder, table).map { $0[0] }
    }
    let size = (25.0 / 3).squareRoot()
    #expect(zip(try columns("standard"), [0, 3 / size, 4 / size]).allSatisfy { abs($0 - $1) < 1e-15 })
    #expect(try columns("minmax") == [0, 0.75, 1])
    #expect(try columns("none") == [0, 3, 4])
    for scale in [1e-300, 1e300] {
      let extreme = Table(columns: [ColumnData("x", .numbers([3 * scale, 4 * scale, 5 * scale]))])
      var settings = EncoderSettings()
      settings.hasIntercept = false
      let values = try design(fit(extreme, settings).encoder, extreme).map { $0[0] }
      let size = (50.0 / 3).squareRoot()
      #expect(zip(values, [3, 4, 5]).allSatisfy { abs($0 - $1 / size) < 1e-12 })
    }
  }

  /// As R has it: the levels of the first category stand in for the intercept, the others drop one.
  @Test func withoutAnInterceptTheFirstCategoryKeepsItsLevels() throws {
    let table = Table(columns: [
      ColumnData("g", .categories(["a", "b", "a"])), ColumnData("h", .categories(["u", "v", "v"])),
    ])
    var settings = EncoderSettings()
    #expect(try fit(table, settings, dropsLevel: true).encoder.outputNames == ["g=b", "h=v"])
    settings.hasIntercept = false
    #expect(try fit(table, settings, dropsLevel: true).encoder.outputNames == ["g=a", "g=b", "h=v"])
  }

  @Test func textThatIsAskedForByNameIsAnError() throws {
    let numbers = ColumnData("x", .texts((0..<80).map { $0 == 7 ? "inf" : "\($0).5" }))
    let words = ColumnData("w", .texts((0..<80).map { "word \($0)" }))
    let table = Table(columns: [numbers, words, ColumnData("y", .numbers((0..<80).map { Double($0) }))])
    #expect(throws: InferenceError.textFeature("x", row: 8, cell: "inf")) {
      try fit(table, try EncoderSettings(json: ["only": ["x", "y"]]))
    }
    #expect(throws: InferenceError.textFeature("w", row: nil, cell: "word 0")) {
      try fit(table, try EncoderSettings(json: ["only": ["w"]]))
    }
    #expect(try fit(table).notes.map(\.code) == ["text-column"])
  }

  @Test func aColumnWithoutAnyTextIsAllMissing() throws {
    let table = Table(columns: [ColumnData("x", .texts([nil, nil])), ColumnData("y", .numbers([1, 2]))])
    #expect(try fit(table).notes.map(\.message) == ["column 'x' left out: all missing in the training rows"])
  }

  @Test func cellsThatTrainingHadNothingLikeAreCounted() throws {
    let training = Table(columns: [ColumnData("c", .categories(["a", "a", "b", "b", "r"]))])
    let rows = ["b", "new", "r", nil, "newer", "new"]
    for later in [ColumnData("c", .texts(rows)), ColumnData("c", .categories(rows))].map({ Table(columns: [$0]) }) {
      func unseen(_ json: JSON, dropsLevel: Bool) throws -> UnseenLevels {
        let found = try fit(training, try EncoderSettings(json: json), dropsLevel: dropsLevel).encoder
          .unseenLevels(in: later, rows: .all)
        return try #require(found.first)
      }
      let plain = try unseen([:], dropsLevel: false)
      #expect(plain.column == "c" && plain.rows == 3 && plain.missing == 1 && plain.example == "new")
      #expect(plain.substitute == .nothing)
      #expect(try unseen([:], dropsLevel: true).substitute == .baseline(["a"]))
      #expect(try unseen(["categorical": ["rare": 0.3]], dropsLevel: true).substitute == .rare)
      let some = try fit(training).encoder.unseenLevels(in: later, rows: .rows([0, 1, 2]))
      #expect(some.first?.rows == 1 && some.first?.missing == 0)
      #expect(try fit(training).encoder.unseenLevels(in: later, rows: .rows([0, 2])).isEmpty)
    }
    // Training that had gaps knows them.
    let gaps = Table(columns: [ColumnData("c", .categories(["a", "b", nil]))])
    #expect(try fit(gaps).encoder.unseenLevels(in: gaps, rows: .all).isEmpty)
    let nothing = Table(columns: [ColumnData("c", .numbers([nil, nil]))])
    #expect(try fit(training).encoder.unseenLevels(in: nothing, rows: .all).first?.missing == 2)
  }

  @Test func columnsOfTheWrongKindAreNamed() throws {
    let (encoder, _) = try fit(
      Table(columns: [ColumnData("size", .numbers([1, 2])), ColumnData("c", .categories(["a", "b"]))]))
    func message(_ columns: ColumnData...) -> String? {
      do {
        _ = try encoder.bind(to: Table(columns: columns))
        return nil
      } catch { return error.diagnostics.first.map { ([$0.message] + $0.help).joined(separator: " | ") } }
    }
    let c = ColumnData("c", .categories(["a"]))
    #expect(
      message(ColumnData("sizes", .numbers([1])), c)
        == "there is no column 'size', which the model needs | did you mean 'sizes'?")
    #expect(
      message(ColumnData("size", .texts(["x"])), c)?.hasPrefix("column 'size' holds text, expected numbers") == true)
    #expect(message(ColumnData("size", .integers([1])), c) == nil)
    #expect(message(ColumnData("size", .texts([nil])), ColumnData("c", .numbers([nil]))) == nil)
    #expect(message(ColumnData("size", .integers([1])), ColumnData("c", .integers([1]))) != nil)
  }

  @Test func anAllMissingColumnOfAnyTypeIsMissing() throws {
    let training = Table(columns: [ColumnData("x", .numbers([1, 3])), ColumnData("c", .categories(["a", nil]))])
    let later = Table(columns: [ColumnData("x", .texts([nil])), ColumnData("c", .numbers([nil]))])
    #expect(try design(try fit(training).encoder, later) == [[0, 0, 1]])
  }

  @Test func featuresCanBeDroppedOrChosen() throws {
    let table = Table(columns: ["a", "b", "c"].map { ColumnData($0, .numbers([1, 2])) })
    #expect(try fit(table, try EncoderSettings(json: ["drop": ["b"]])).encoder.outputNames == ["a", "c"])
    #expect(
      try fit(table, try EncoderSettings(json: ["only": ["c", "a"], "drop": ["a"]])).encoder.outputNames == ["c"])
    #expect(throws: InferenceError.unknownFeature("bb", setting: "features.drop", nearest: "b")) {
      try fit(table, try EncoderSettings(json: ["drop": ["bb"]]))
    }
  }

  @Test func settingsAreReadStrictly() {
    func problem(_ json: JSON) -> String? {
      do {
        _ = try EncoderSettings(json: json)
        return nil
      } catch { return error.diagnostics.first?.message }
    }
    #expect(problem(.null) == nil)
    #expect(problem(["numeric": nil, "categorical": ["rare": nil, "encode": "one-hot", "unknown": "ignore"]]) == nil)
    #expect(problem([1]) == "setting 'features' must be a map")
    #expect(
      problem(["numeric": ["impute": "mode"]])
        == "setting 'features.numeric.impute' must be one of median, mean, zero, none")
    #expect(
      problem(["categorical": ["encode": "target"]])
        == "setting 'features.categorical.encode' must be one of one-hot, hash")
    #expect(problem(["categorical": ["rare": 1]]) == "setting 'features.categorical.rare' must be a share below 1")
    #expect(
      problem(["categorical": ["max_levels": 0.5]])
        == "setting 'features.categorical.max_levels' must be an integer of 1 or more")
    #expect(problem(["drop": "a"]) == "setting 'features.drop' must be a list of names")
    #expect(problem(["dropp": ["a"]]) == "setting 'features.dropp' must be left out: it is not known")
  }

  /// Medians by selection are those by sorting, also over the borders of blocks and with ties, negatives and signed
  /// zeros.
  @Test(arguments: 1...8) func mediansAreExact(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let count = generator.nextIndex(below: 9000) + 2
    let values = (0..<count).map { _ -> Double? in
      switch generator.nextIndex(below: 4) {
      case 0: nil
      case 1: Double(generator.nextIndex(below: 3)) * -0.0
      case 2: Double(generator.nextIndex(below: 5)) - 2
      default: (generator.nextUnit() - 0.5) * 1e6
      }
    }
    let rows = (0..<count).filter { _ in generator.nextIndex(below: 3) > 0 }
    let table = Table(columns: [ColumnData("x", .numbers(values))])
    let (encoder, _) = try Encoder.fit(
      table, features: ["x"], rows: .rows(rows), settings: EncoderSettings(), dropsLevel: false)
    guard case .number(let feature)? = encoder.features.first else { return }
    #expect(feature.impute == median(rows.compactMap { values[$0] }), "seed \(seed)")
  }

  @Test func encodingAWindowGivesTheSameBits() throws {
    let reference = try Reference()
    let encoder = try reference.encoder()
    let whole = try design(encoder, reference.table)
    for row in whole.indices { #expect(try design(encoder, reference.table, rows: row..<row + 1) == [whole[row]]) }
  }

  /// Picked rows are encoded as they are in the whole table, wherever they stand and however wide the table is.
  @Test(arguments: 1...6) func pickedRowsAreThoseOfTheTable(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let count = 20_000
    let values = (0..<count).map { _ in generator.nextUnit() }
    let table = Table(columns: [
      ColumnData("x", .numbers(values)), ColumnData("c", .categories(values.map { $0 < 0.4 ? "a" : "b" })),
      ColumnData("y", .integers((0..<count).map { Int64($0) })),
    ])
    let share = [0.001, 0.1, 0.9][Int(seed % 3)]
    let rows = (0..<count).filter { _ in generator.nextUnit() < share }
    let picked = RowSelection.rows(rows)
    let encoder = try Encoder.fit(
      table, features: ["x", "c"], rows: picked, settings: EncoderSettings(), dropsLevel: false
    ).encoder
    let target = try Target.fit(table, name: "y", rows: picked, objective: .linear)
    let positions = picked.count(of: count) / 3..<picked.count(of: count)
    let leading = positions.count + 2
    var block = [Double](repeating: 99, count: leading * encoder.columnCount)
    var targets = [Double](repeating: 99, count: positions.count)
    try block.withUnsafeMutableBufferPointer {
      try encoder.bind(to: table).encode(picked, positions, into: $0, leadingDimension: leading)
    }
    try targets.withUnsafeMutableBufferPointer {
      try target.bind(to: table).readForFit(.linear, picked, positions, into: $0)
    }
    let whole = try design(encoder, table)
    for (at, position) in positions.enumerated() {
      #expect((0..<encoder.columnCount).map { block[$0 * leading + at] } == whole[rows[position]], "seed \(seed)")
      #expect(targets[at] == Double(rows[position]), "seed \(seed)")
    }
  }

  @Test func operatorsAreReadBack() throws {
    let reference = try Reference()
    let encoder = try reference.encoder()
    #expect(try Encoder(json: try JSON(parsing: encoder.json.canonical), path: "model.json") == encoder)
    let dates = Table(columns: [ColumnData("d", .dates([1, nil, 40])), ColumnData("d.year", .numbers([1, 2, 3]))])
    let json: JSON = ["indicators": true, "dates": ["parts": ["days", "year"]]]
    let (dated, _) = try fit(dates, try EncoderSettings(json: json))
    #expect(dated.outputNames == ["d.days", "d.missing", "d.year"])
    #expect(try Encoder(json: dated.json, path: "model.json") == dated)
  }

  @Test func operatorsOfALaterVersionAreRefused() throws {
    func problem(_ change: (inout JSON) -> Void) throws -> String? {
      var json = try Reference().encoder().json
      change(&json)
      do {
        _ = try Encoder(json: json, path: "m/model.json")
        return nil
      } catch { return error.diagnostics.first?.message }
    }
    #expect(
      try problem { $0["version"] = 2 }
        == "'m/model.json' was written by a later version: the encoder has version 2, known is 1")
    #expect(
      try problem { $0["operators"] = [["operator": "embed"]] }
        == "'m/model.json' was written by a later version: the operator 'embed' in encoder.operators is not known")
    #expect(
      try problem { $0["operators"] = [["operator": "impute", "column": "age", "value": 1]] }
        == "'m/model.json' is damaged: an operator works on a column that is not the last one")
    #expect(
      try problem { $0["operators"] = [["operator": "number", "input": "sex", "output": "sex"]] }
        == "'m/model.json' is damaged: the operators of the encoder do not fit its inputs")
    #expect(try problem { $0["inputs"] = nil } == "'m/model.json' is damaged: 'inputs' is missing in encoder")
  }

  private func fit(
    _ table: Table, _ settings: EncoderSettings = EncoderSettings(), dropsLevel: Bool = false
  ) throws -> (encoder: Encoder, notes: [Diagnostic]) {
    try Encoder.fit(
      table, features: table.schema.names, rows: .all, settings: settings, dropsLevel: dropsLevel)
  }
}
