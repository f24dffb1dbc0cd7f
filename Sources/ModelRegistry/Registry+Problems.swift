package import Basics
package import Diagnostics
import ObjectStore

extension Registry {
  /// What is wrong with what is served of a model: folders whose bytes are not those of their digest, and a history whose
  /// chain is broken or tells another end than the links. Empty when all is sound; reads every served file.
  package func problems(of model: String, cancellation: Cancellation) throws -> [Diagnostic] {
    let serving = try serving(model)
    var problems: [Diagnostic] = []
    let channels = try serving.channels()
    for digest in Set(channels.values).sorted() where try !serving.isSound(digest, cancellation: cancellation) {
      problems.append(
        .error(
          "damaged-version", "version \(digest.short) of '\(model)' is damaged in the serving directory",
          help: ["run the workflow that made it again, or 'mlflowctl rollback \(model)'"]))
    }
    do {
      let history = try serving.history()
      for (channel, digest) in channels.sorted(by: { $0.key < $1.key }) where history.served(channel)?.to != digest {
        // Written ahead: a process that died between entry and switch leaves the old link, which is what was served.
        if let last = history.entries.last, last.channel == channel, last.from == digest { continue }
        problems.append(
          .error(
            "unrecorded-switch",
            "channel '\(channel)' of '\(model)' serves \(digest.short), which its history does not tell",
            help: ["the next release or rollback of '\(model)' puts the link back"]))
      }
    } catch let error as RegistryError {
      problems += error.diagnostics
    }
    return problems
  }
}
