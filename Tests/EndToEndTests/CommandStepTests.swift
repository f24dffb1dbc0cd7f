import Basics
import Foundation
import Testing

@Suite struct CommandStepTests {
  private func sandbox(_ steps: String) throws -> Sandbox {
    let sandbox = try Sandbox(examples: false)
    try sandbox.write("workflow: commands\nsteps:\n" + steps, to: "workflows/w.yaml")
    return sandbox
  }

  @Test func aSecretReachesTheCommandAndNothingElse() throws {
    let secret = "hunter2-\(UUID().uuidString)"
    let sandbox = try sandbox(
      """
        ask:
          command:
            command: 'echo "token is $TOKEN"; echo "$TOKEN" | sha256sum > digest.txt; ps -ef > ps.txt'
            outputs: { digest: digest.txt, processes: ps.txt }
            secrets: { TOKEN: "${secret:API_TOKEN}" }
      """)
    let ending = try sandbox.run("train", "workflows/w.yaml", "--format", "json", environment: ["API_TOKEN": secret])
    #expect(ending.code == 0, "\(ending.diagnostics)")
    #expect(!ending.output.contains(secret) && !ending.diagnostics.contains(secret))
    #expect(ending.output.contains("token is ***"))
    let grep = Process()
    grep.executableURL = URL(filePath: "/bin/grep")
    grep.arguments = ["-rqF", secret, sandbox.folder]
    try grep.run()
    grep.waitUntilExit()
    #expect(grep.terminationStatus == 1, "the secret is on disk")
    let shown = try sandbox.run("runs", "show", try ending.json()["run"]?.stringValue ?? "")
    #expect(!shown.output.contains(secret))
  }

  @Test func anUndeclaredFileIsNotThere() throws {
    let sandbox = try sandbox("  read:\n    command: { command: cat notes.txt, outputs: {} }\n")
    try sandbox.write("hello", to: "notes.txt")
    let ending = try sandbox.run("train", "workflows/w.yaml")
    #expect(ending.code == 3)
    #expect(ending.diagnostics.contains("exit code 1"))
    #expect(ending.diagnostics.contains("notes.txt"))
    let declared = try sandbox.run("train", "workflows/w.yaml", "--set", "steps.read.command.files=[notes.txt]")
    #expect(declared.code == 0, "\(declared.diagnostics)")
  }

  @Test func outputsAreCachedAndFlowOn() throws {
    let sandbox = try sandbox(
      """
        make:
          command: { command: 'printf "x,y\\n"; for i in $(seq 60); do echo "$i,$((i*2))"; done > rows.txt; (printf "x,y\\n"; cat rows.txt) > made.csv', outputs: { raw: made.csv } }
        data:
          ingest: { file: make.raw, target: y }
        parts:
          split: 25%
        model:
          train: { objective: linear, penalty: none }
        count:
          command: { command: 'wc -l < in/made.csv > n.txt', inputs: { in/made.csv: make.raw }, outputs: { n: n.txt } }
      """)
    let first = try sandbox.run("train", "workflows/w.yaml", "--format", "json")
    #expect(first.code == 0, "\(first.diagnostics)")
    let second = try sandbox.run("train", "workflows/w.yaml", "--format", "json").json()
    #expect(second.statuses.allSatisfy { $0 == "cached" })
  }

  @Test func aCommandAboveDoesNotDisturbAWrittenSource() throws {
    let sandbox = try sandbox(
      """
        make:
          command: { command: 'echo hello > note.txt', outputs: { note: note.txt } }
        data:
          ingest: { source: data.csv, target: y }
      """)
    try sandbox.write("x,y\n" + (0..<20).map { "\($0),\($0 * 2)\n" }.joined(), to: "data.csv")
    let ending = try sandbox.run("train", "workflows/w.yaml")
    #expect(ending.code == 0, "\(ending.diagnostics)")
  }

  @Test func aFailedRunHasNoVerdict() throws {
    let sandbox = try sandbox("  bad:\n    command: { command: exit 7 }\n")
    let ending = try sandbox.run("train", "workflows/w.yaml", "--format", "json")
    #expect(ending.code == 3)
    #expect(try ending.json()["verdict"]?.isNull == true)
    #expect(ending.diagnostics.contains("workflows/w.yaml:4"))
  }

  @Test func aFailingCommandIsRetried() throws {
    let sandbox = try sandbox(
      """
        flaky:
          retry: 3
          command: { command: 'n=$(cat "$COUNTER" 2>/dev/null || echo 0); echo $((n+1)) > "$COUNTER"; test $n -ge 2', env: { COUNTER: "${env:COUNTER}" } }
      """)
    let counter = sandbox.folder + "/counter"
    let ending = try sandbox.run("train", "workflows/w.yaml", environment: ["COUNTER": counter])
    #expect(ending.code == 0, "\(ending.diagnostics)")
    #expect(try sandbox.read("counter") == "3\n")
  }

  @Test func aTimeoutEndsTheCommandAndSaysSo() throws {
    let sandbox = try sandbox("  slow:\n    timeout: 1s\n    command: { command: sleep 60 }\n")
    let watch = Stopwatch()
    let ending = try sandbox.run("train", "workflows/w.yaml")
    #expect(ending.code == 3)
    #expect(ending.diagnostics.contains("timeout"))
    #expect(watch.seconds < 20)
  }

  @Test func independentStepsGoOnWithKeepGoing() throws {
    let sandbox = try sandbox(
      """
        bad:
          command: { command: "false" }
        worse:
          command: { command: cat x, inputs: { x: bad.y } }
        good:
          command: { command: "echo fine > f", outputs: { f: f } }
      """.replacingOccurrences(
        of: "command: { command: \"false\" }", with: "command: { command: \"false\", outputs: { y: y } }"))
    let plain = try sandbox.run("train", "workflows/w.yaml", "--format", "json", "--threads", "1")
    #expect(plain.code == 3)
    let kept = try sandbox.run("train", "workflows/w.yaml", "--format", "json", "--keep-going").json()
    #expect(
      kept.step("good")?["status"]?.stringValue == "done" || kept.step("good")?["status"]?.stringValue == "cached")
    #expect(kept.step("worse")?["status"]?.stringValue == "skipped")
  }
}
