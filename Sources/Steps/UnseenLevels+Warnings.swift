package import Diagnostics
package import Inference

extension UnseenLevels {
  /// What to say of such cells in `total` rows, which `part` names where they are one part of the data.
  package func warnings(total: Int, part: String? = nil) -> [Diagnostic] {
    let place = "of \(total) \(total == 1 ? "row" : "rows")" + (part.map { " of the part '\($0)'" } ?? "")
    var warnings: [Diagnostic] = []
    if rows > 0 {
      warnings.append(
        .warning(
          "unseen-level",
          "column '\(column)' has a level that the training rows do not have in \(rows) \(place)"
            + (example.map { ", such as '\($0)'" } ?? ""),
          help: ["\(scoredAs)\(remedy)"]))
    }
    if missing > 0 {
      warnings.append(
        .warning(
          "unseen-missing", "column '\(column)' is missing in \(missing) \(place), and in no training row",
          help: ["\(scoredAs)\(remedy)"]))
    }
    return warnings
  }

  private var scoredAs: String {
    switch substitute {
    case .rare: return "it is scored as the rare levels are"
    case .baseline(let levels):
      let names = levels.prefix(8).map { "'\($0)'" }.joined(separator: ", ")
      return levels.count == 1
        ? "it is scored as \(names) is, the level that the fit leaves out"
        : "it is scored as \(names) are, the levels that the fit leaves out"
    case .nothing: return "it is scored as no level at all: the column adds nothing to the score"
    }
  }

  private var remedy: String {
    substitute == .rare
      ? ""
      : "; train on rows that have it, or set 'features.categorical.rare' so that rare and new levels have a column"
  }
}
