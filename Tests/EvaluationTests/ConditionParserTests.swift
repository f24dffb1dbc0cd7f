import Evaluation
import Testing

@Suite struct ConditionParserTests {
  /// What is written, and its canonical text.
  @Test(arguments: [
    ("accuracy >= 0.95", "accuracy >= 0.95"),
    ("  accuracy>=95%  ", "accuracy >= 0.95"),
    (
      "log_loss <= champion.log_loss + 0.02 with 95% confidence",
      "log_loss <= champion.log_loss + 0.02 with 95% confidence"
    ),
    (
      "log_loss <= 0.02 + champion.log_loss with 99.9% confidence",
      "log_loss <= champion.log_loss + 0.02 with 99.9% confidence"
    ),
    (
      "recall(Chinstrap) >= champion.recall( Chinstrap ) - 1%", "recall(Chinstrap) >= champion.recall(Chinstrap) - 0.01"
    ),
    ("recall(\"not (spam)\") > 0.5", "recall(\"not (spam)\") > 0.5"),
    ("recall(not spam) > .5", "recall(\"not spam\") > 0.5"),
    ("accuracy on island=\"Dream\" and sex = male >= 0.9", "accuracy on island=\"Dream\" and sex=\"male\" >= 0.9"),
    ("accuracy on 'home island'='Dream \\' land' >= 0.9", "accuracy on \"home island\"=\"Dream ' land\" >= 0.9"),
    ("accuracy on größe=\"weiß\" >= 0.9", "accuracy on \"größe\"=\"weiß\" >= 0.9"),
    ("rmse < 1.05 * champion.rmse", "rmse < 1.05 * champion.rmse"),
    ("rmse < champion.rmse * 105% - 2e-3 + 1", "rmse < 1.05 * champion.rmse + 0.998"),
    ("mae <= -champion.r2 + champion.mae", "mae <= -champion.r2 + champion.mae"),
    ("r2 > -0.5", "r2 > -0.5"),
    ("converged == true", "converged == true"),
    ("converged==false", "converged == false"),
    ("rows >= 100", "rows >= 100"),
    ("rows on sex=\"male\" >= 10", "rows on sex=\"male\" >= 10"),
  ])
  func aConditionHasOneText(_ written: String, _ canonical: String) throws {
    let condition = try Condition(parsing: written)
    #expect(condition.text == canonical)
    #expect(try Condition(parsing: canonical) == condition)
  }

  struct Broken: Sendable, CustomTestStringConvertible {
    var text: String
    var offset: Int
    var length: Int
    var message: String
    var help: String?
    var kind: AnswerKind?

    init(
      _ text: String, _ offset: Int, _ length: Int, _ message: String, _ help: String? = nil, kind: AnswerKind? = nil
    ) {
      self.text = text
      self.offset = offset
      self.length = length
      self.message = message
      self.help = help
      self.kind = kind
    }

    var testDescription: String { text }
  }

  @Test(arguments: [
    Broken(
      "", 0, 1, "expected a metric",
      "write a condition such as 'accuracy >= 0.9' or 'log_loss <= champion.log_loss + 0.02'"),
    Broken("0.9 <= accuracy", 0, 3, "expected a metric"),
    Broken("acuracy >= 0.9", 0, 7, "unknown metric 'acuracy'", "did you mean 'accuracy'?"),
    Broken("convergd == true", 0, 8, "unknown metric 'convergd'", "did you mean 'converged'?"),
    Broken("rmse <= 3", 0, 4, "metric 'rmse' does not judge binary answers", kind: .binary),
    Broken(
      "zzz >= 1", 0, 3, "unknown metric 'zzz'", "metrics for number answers: rows, mse, rmse, mae, mape, r2, max_error",
      kind: .number),
    Broken(
      "champion.auc >= 0.9", 0, 8, "a condition starts with a metric of the candidate",
      "put the champion's on the right side"),
    Broken(
      "recall >= 0.9", 0, 6, "metric 'recall' needs a class where there are more than two",
      "write 'recall(CLASS)', or 'macro_recall', or 'weighted_recall'", kind: .multiClass),
    Broken("accuracy(yes) >= 0.9", 0, 13, "metric 'accuracy' takes no class", "write 'accuracy' alone"),
    Broken("recall() >= 0.9", 7, 1, "expected the name of a class"),
    Broken("recall(yes >= 0.9", 17, 1, "expected ')' after the class"),
    Broken("recall(\"yes) >= 0.9", 7, 12, "this quote is never closed"),
    Broken("accuracy", 8, 1, "expected one of >= <= > < =="),
    Broken("accuracy = 0.9", 9, 1, "unknown comparison '='", "use '=='"),
    Broken("accuracy => 0.9", 9, 2, "unknown comparison '=>'", "did you mean '>='?"),
    Broken("rmse =< 3", 5, 2, "unknown comparison '=<'", "did you mean '<='?"),
    Broken("accuracy at least 0.9", 9, 2, "expected one of >= <= > < =="),
    Broken("accuracy >=", 11, 1, "expected a number or a metric of the champion"),
    Broken("accuracy >= high", 12, 4, "expected a number or a metric of the champion"),
    Broken(
      "accuracy >= accuracy", 12, 8, "a metric on the right side belongs to the champion", "write 'champion.accuracy'"),
    Broken("accuracy >= champion.", 12, 9, "expected a metric of the champion", "write 'champion.METRIC'"),
    Broken("accuracy >= champion.acuracy", 21, 7, "unknown metric 'acuracy'", "did you mean 'accuracy'?"),
    Broken("accuracy >= champion.accuracy +", 31, 1, "expected a number or a metric of the champion"),
    Broken("accuracy >= champion.accuracy * x", 32, 1, "expected a number after '*'"),
    Broken("accuracy >= 1e999", 12, 5, "the number is too large"),
    Broken("accuracy >= 0.9 please", 16, 6, "unexpected text after the condition"),
    Broken("accuracy >= 0.9.1", 15, 2, "unexpected text after the condition"),
    Broken("accuracy on >= 0.9", 12, 1, "expected a column"),
    Broken("accuracy on island >= 0.9", 19, 1, "expected '=' after the column", "write on island=\"VALUE\""),
    Broken("accuracy on island==\"Dream\" >= 0.9", 18, 2, "expected one '='", "write on island=\"VALUE\""),
    Broken("accuracy on island= >= 0.9", 20, 1, "expected a value"),
    Broken("accuracy on größe=weiß and", 29, 1, "expected a column"),
    Broken("auc >= 0.9 with confidence", 16, 10, "expected a percentage after 'with'", "write 'with 95% confidence'"),
    Broken("auc >= 0.9 with 0.95 confidence", 21, 10, "expected a percentage after 'with'"),
    Broken("auc >= 0.9 with 100% confidence", 16, 4, "a confidence lies between 50% and 100%"),
    Broken("auc >= 0.9 with 95%", 19, 1, "expected 'confidence'"),
    Broken("auc == 0.9 with 95% confidence", 11, 19, "'==' cannot be held with a confidence", "use >= or <="),
    Broken("converged", 9, 1, "expected '=='", "write 'converged == true'"),
    Broken("converged >= 1", 10, 1, "expected '=='"),
    Broken("converged == 1", 13, 1, "expected true or false", "write 'converged == true'"),
  ])
  func aBrokenConditionIsPointedAt(_ broken: Broken) {
    do {
      let condition = try Condition(parsing: broken.text, for: broken.kind)
      Issue.record("parsed as \(condition.text)")
    } catch {
      #expect(error.offset == broken.offset)
      #expect(error.length == broken.length)
      #expect(error.message == broken.message)
      if let help = broken.help { #expect(error.help == [help]) }
    }
  }
}
