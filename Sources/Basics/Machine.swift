import CPlatform
import Glibc

/// Processors that this process may use.
package func processorCount() -> Int { max(1, Int(cplatform_processor_count())) }

/// Bytes of memory of this machine.
package func physicalMemory() -> Int {
  max(1 << 28, sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE)))
}

/// The value of an environment variable.
package func environmentValue(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}
