import Basics
import Evaluation
import Statistics
import Testing

@Suite struct JudgeTests {
  @Test func absoluteConditionsHaveValueBoundAndMargin() throws {
    let report = try judged("accuracy >= 0.6", Evidence(candidate: right(3, of: 4)))
    #expect(report.verdict == .pass)
    #expect(report.value == 0.75)
    #expect(report.bound == 0.6)
    #expect(abs((report.margin ?? 0) - 0.15) < 1e-12)
    #expect(try judged("accuracy > 0.75", Evidence(candidate: right(3, of: 4))).verdict == .refuse)
    #expect(try judged("accuracy >= 75%", Evidence(candidate: right(3, of: 4))).verdict == .pass)
    #expect(try judged("log_loss <= 0.1", Evidence(candidate: right(3, of: 4))).margin ?? 0 < 0)
  }

  @Test func undefinedIsNeverAPass() throws {
    let oneClass = ScoredRows(classes: ["no", "yes"], targets: [0, 0], probabilities: [0.9, 0.1, 0.8, 0.2])
    let report = try judged("auc >= 0.1", Evidence(candidate: oneClass))
    #expect(report.verdict == .inconclusive)
    #expect(report.reason == "auc is undefined: no row is of the class 'yes'")
  }

  @Test func slicesKeepOnlyTheirRows() throws {
    let evidence = Evidence(candidate: right(3, of: 4)) { column, value in
      column == "place" ? (0..<4).map { value == "north" ? $0 < 3 : value == "south" && $0 == 3 } : nil
    }
    let north = try judged("accuracy on place=north >= 1", evidence)
    #expect(north.verdict == .pass)
    #expect(north.rows == 3)
    #expect(try judged("accuracy on place=south >= 1", evidence).verdict == .refuse)
    #expect(try judged("accuracy on place=east >= 0", evidence).verdict == .inconclusive)
    #expect(try judged("accuracy on plaec=north >= 0", evidence).reason == "the data has no column 'plaec'")
    #expect(try judged("rows on place=east >= 1", evidence).verdict == .refuse)
    #expect(try judged("rows on place=north and place=south == 0", evidence).verdict == .pass)
  }

  @Test func relativeConditionsPassWithoutAChampion() throws {
    let report = try judged("accuracy >= champion.accuracy", Evidence(candidate: right(1, of: 4)))
    #expect(report.verdict == .pass)
    #expect(report.value == 0.25)
    #expect(report.reason == "there is no champion yet to compare with")
  }

  @Test func theChampionIsJudgedOnTheSameRows() throws {
    let evidence = Evidence(candidate: right(6, of: 10), champion: right(7, of: 10))
    let worse = try judged("accuracy >= champion.accuracy", evidence)
    #expect(worse.verdict == .refuse)
    #expect(worse.champion == 0.7)
    #expect(worse.bound == 0.7)
    #expect(try judged("accuracy >= champion.accuracy - 20%", evidence).verdict == .pass)
    #expect(try judged("accuracy >= 0.8 * champion.accuracy", evidence).verdict == .pass)
  }

  @Test func factsAreAsked() throws {
    let rows = right(1, of: 2)
    #expect(try judged("converged == true", Evidence(candidate: rows, facts: [.converged: 1])).verdict == .pass)
    #expect(try judged("converged == true", Evidence(candidate: rows, facts: [.converged: 0])).verdict == .refuse)
    #expect(try judged("converged == true", Evidence(candidate: rows)).verdict == .inconclusive)
  }

  @Test func confidenceNeedsEnoughRows() throws {
    let report = try judged("accuracy >= 0.1 with 95% confidence", Evidence(candidate: right(19, of: 19)))
    #expect(report.verdict == .inconclusive)
    #expect(report.reason == "a confidence needs at least 20 rows")
  }

  @Test func confidencePassesRefusesOrCannotTell() throws {
    let evidence = Evidence(candidate: right(80, of: 100))
    #expect(try judged("accuracy >= 0.7 with 95% confidence", evidence).verdict == .pass)
    #expect(try judged("accuracy >= 0.78 with 95% confidence", evidence).verdict == .inconclusive)
    #expect(try judged("accuracy >= 0.9 with 95% confidence", evidence).verdict == .refuse)
  }

  /// The bootstrap bounds of a proportion are near the quantiles of the binomial: 80 of 100 resampled has its 5 % and
  /// 95 % points at 73 and 86 (R: qbinom(c(.05, .95), 100, .8)).
  @Test func boundsAreThoseOfTheBinomial() throws {
    let interval = try #require(
      try judged("accuracy >= 0 with 95% confidence", Evidence(candidate: right(80, of: 100))).marginInterval)
    #expect(abs(interval.lowerBound - 0.73) < 0.0101)
    #expect(abs(interval.upperBound - 0.86) < 0.0101)
  }

  /// Nothing but hits: 0.05^(1/45) = 0.9356 is the exact lower bound of 45 of 45 (R: binom.test(45, 45, alternative = "g")).
  @Test func aPerfectScoreOnFewRowsIsNoCertainty() throws {
    let perfect = Evidence(candidate: right(45, of: 45))
    let report = try judged("accuracy >= 0.95 with 95% confidence", perfect)
    #expect(report.verdict == .inconclusive)
    #expect(abs((report.marginInterval?.lowerBound ?? 0) - (0.9356 - 0.95)) < 5e-5)
    #expect(try judged("recall >= 0.93 with 95% confidence", perfect).verdict == .pass)
    #expect(try judged("precision >= 0.94 with 95% confidence", perfect).verdict == .inconclusive)
    #expect(
      try judged("accuracy >= 0.07 with 95% confidence", Evidence(candidate: right(0, of: 45))).verdict == .refuse)
    #expect(
      try judged(
        "accuracy >= champion.accuracy with 95% confidence",
        Evidence(candidate: right(45, of: 45), champion: right(45, of: 45))
      ).verdict == .pass)
  }

  /// An equal model passes a non-inferiority gate; an equally good one with other mistakes does most of the time.
  @Test func anEqualModelIsNotInferior() throws {
    var passes = 0
    for seed in UInt64(1)...20 {
      var generator = SeededGenerator(seed: seed)
      let targets = (0..<100).map { _ in generator.nextIndex(below: 2) }
      func answers() -> ScoredRows {
        let probabilities = targets.flatMap { target in
          let truth = 0.8 + 0.1 * (generator.nextUnit() - 0.5)
          return target == 1 ? [1 - truth, truth] : [truth, 1 - truth]
        }
        return ScoredRows(classes: ["no", "yes"], targets: targets, probabilities: probabilities)
      }
      let champion = answers()
      let condition = "log_loss <= champion.log_loss + 0.02 with 95% confidence"
      #expect(try judged(condition, Evidence(candidate: champion, champion: champion), 200).verdict == .pass)
      let verdict = try judged(condition, Evidence(candidate: answers(), champion: champion), 200).verdict
      #expect(verdict != .refuse)
      passes += verdict == .pass ? 1 : 0
    }
    #expect(passes >= 16)
  }

  @Test func threadsDoNotMatter() throws {
    let condition = try Condition(parsing: "auc >= 0.5 with 90% confidence")
    var generator = SeededGenerator(seed: 3)
    let evidence = Evidence(candidate: randomClasses(2, &generator))
    let reports = try [1, 2, 5].map { threads in
      try judge(
        condition, evidence, BootstrapSettings(seed: 5, resamples: 300, threads: threads), cancellation: Cancellation())
    }
    #expect(reports[0].marginInterval != nil)
    #expect(reports[0] == reports[1] && reports[1] == reports[2])
  }

  @Test func theWorstVerdictCounts() throws {
    func verdict(_ texts: String...) throws -> Verdict {
      let conditions = try texts.map { try Condition(parsing: $0) }
      return try judge(
        conditions, Evidence(candidate: right(3, of: 4)), BootstrapSettings(seed: 1), cancellation: Cancellation()
      ).verdict
    }
    #expect(try verdict("accuracy >= 0.5", "rows >= 4") == .pass)
    #expect(try verdict("accuracy >= 0.5", "converged == true") == .inconclusive)
    #expect(try verdict("converged == true", "accuracy >= 0.9") == .refuse)
  }

  @Test func reportIsJSON() throws {
    let json = try judged("accuracy >= 0.5", Evidence(candidate: right(3, of: 4))).json
    #expect(
      json.canonical
        == #"{"bound":0.5,"condition":"accuracy >= 0.5","margin":0.25,"reason":"it holds","rows":4,"value":0.75,"verdict":"pass"}"#
    )
  }

  /// `count` rows of class yes, the first `hits` of them answered rightly.
  private func right(_ hits: Int, of count: Int) -> ScoredRows {
    ScoredRows(
      classes: ["no", "yes"], targets: [Int](repeating: 1, count: count),
      probabilities: (0..<count).flatMap { $0 < hits ? [0.2, 0.8] : [0.8, 0.2] })
  }

  private func judged(_ text: String, _ evidence: Evidence, _ resamples: Int = 500) throws -> ConditionReport {
    try judge(
      try Condition(parsing: text), evidence, BootstrapSettings(seed: 7, resamples: resamples),
      cancellation: Cancellation())
  }
}
