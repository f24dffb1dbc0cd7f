package import Diagnostics

extension LibSVMError: Diagnosable {
  package var failure: Failure { .badInput }

  package var diagnostics: [Diagnostic] { problems.map { $0.diagnostic(file) } }
}

extension LibSVMProblem {
  fileprivate func diagnostic(_ file: String) -> Diagnostic {
    let affected = count.map { " (\(counted($0, "row")) affected)" } ?? ""
    func error(_ code: String, _ words: String, help: String...) -> Diagnostic {
      .error(code, words + affected, at: place ?? Place(file: file), help: help)
    }
    return switch kind {
    case .noRows: error("no-rows", "the file has no rows")
    case .notARegularFile: error("not-a-file", "this is not a regular file")
    case .changedWhileRead:
      error(
        "file-changed", "the file was changed while it was read",
        help: "wait until it is complete and run the same command again")
    case .unknownColumn(let name):
      error(
        "missing-column", "there is no column '\(name)', which is to be kept", help: "a libsvm file has 'label' alone")
    case .lineTooLong: error("line-too-long", "the line that begins here has more than \(recordLimitText)")
    case .badLabel:
      error(
        "bad-label", "the label is not a number",
        help: "a line is 'label index:number …': write classes as numbers, such as -1 and 1")
    case .severalLabels:
      error(
        "several-labels", "the row has several labels, expected one",
        help: "make a file of each label: a model tells one target")
    case .queryID:
      error(
        "query-id", "the row has a 'qid:', which belongs to ranking problems that are not fitted here",
        help: "remove it if the groups do not matter: sed -E 's/ qid:[0-9]+//' OLD > NEW")
    case .badPair: error("bad-pair", "this is no 'index:number'", help: "comments begin with #")
    case .badNumber: error("bad-number", "what follows the index is not a number")
    case .infiniteNumber: error("infinite-number", "the number is beyond the range of doubles")
    case .descendingIndex:
      error("descending-index", "the index is smaller than the one before it", help: "indices of a row must ascend")
    case .repeatedIndex: error("repeated-index", "the index appears twice in its row")
    case .hugeIndex: error("huge-index", "the index is too large, expected at most 2147483646")
    }
  }
}
