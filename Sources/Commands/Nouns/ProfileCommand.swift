import ArgumentParser
import Basics
import DataValidation
import Diagnostics
import Execution
import ObjectStore
import Steps
import Tabular

struct ProfileCommand: ParsableCommand, ConsoleCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "What the columns of a data file or a table are like: types, gaps, distributions, ties with a target.",
    discussion: "A file needs no workspace. The HTML report is one file: no network, no script.")

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, html }

  @Argument(help: "A source as 'ingest' reads it, the digest of a table, or RUN:STEP.", completion: .file())
  var subject: String
  @Option(help: ArgumentHelp("A column that the others are held beside.", valueName: "column")) var target: String?
  @Flag(help: "Print expectations that the data suggests, as YAML to put under 'validate:'.") var expectations = false
  @Option(help: "How to answer: text for people, json for programs, html for a browser.") var format: Format = .text
  @OptionGroup(title: "How the data is read; left out, the data tells") var reading: ReadingOptions
  @OptionGroup var place: WorkspaceOptions

  func execute(_ console: Console) throws -> Failure? {
    let subject = try find()
    let profile = try subject.profile(target: target)
    if expectations {
      let suggested = SuggestedExpectations(profile)
      if format == .json { console.answer(suggested.settings(under: [:])) } else { console.answer(suggested.yaml) }
      return nil
    }
    switch format {
    case .json:
      var json = profile.json
      json["subject"] = .string(subject.title)
      json["notes"] = .array(subject.notes.map(\.json))
      json["inferences"] = ColumnInference.json(subject.inferences)
      console.answer(json)
    case .html:
      console.answer(
        ProfilePage(
          title: subject.title, profile: profile, notes: subject.notes, inferences: subject.inferences
        ).html)
    case .text:
      console.say(subject.notes)
      console.answer(
        ProfileText(
          title: subject.title, profile: profile, inferences: subject.inferences, width: terminalWidth(),
          draws: console.isTerminal,
          colour: console.hasColour.output
        ).text)
    }
    return nil
  }

  /// A digest or `RUN:STEP` where it can be one and no file is called so; else a source.
  private func find() throws -> ProfileSubject {
    let settings = try reading.settings()
    let parts = subject.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let isHex = !parts[0].isEmpty && parts[0].allSatisfy { $0.isHexDigit && !$0.isUppercase }
    guard isHex, parts.count < 3, !isAddress(subject), !Files.exists(subject) else {
      try checkAddress(subject, settings)
      // Patterns and standard input are for the reader to judge.
      let path = subject == "-" || isAddress(subject) ? subject : Files.join(try Files.currentFolder(), subject)
      guard isAddress(subject) || subject == "-" || subject.contains(where: "*?[".contains) || Files.exists(path)
      else {
        throw Problems(
          .error(
            "missing-file", "cannot find '\(subject)'",
            help: ["name a data file, the digest of a table, or a step of a run as RUN:STEP"]), failure: .badInput)
      }
      return try ProfileSubject(
        source: path, missing: reading.missing, settings: settings, scratch: scratchFolder(place))
    }
    let store = try place.store()
    guard parts.count == 2 else {
      let digest = try store.resolve(subject)
      return try ProfileSubject(object: digest, titled: "table \(digest.short)", in: store)
    }
    let digest = try ProfileSubject.table(ofStep: parts[1], run: parts[0], in: store)
    return try ProfileSubject(object: digest, titled: "\(parts[1]) of run \(parts[0])", in: store)
  }
}
