import Glibc

/// A queue between threads of our own: any thread posts, one waits.
package final class Mailbox<Message: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var messages: [Message] = []

  package init() {
    mutex.initialize(to: pthread_mutex_t())
    condition.initialize(to: pthread_cond_t())
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  package func post(_ message: Message) {
    pthread_mutex_lock(mutex)
    messages.append(message)
    pthread_cond_signal(condition)
    pthread_mutex_unlock(mutex)
  }

  /// The oldest message, waiting for one.
  package func take() -> Message {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while messages.isEmpty { pthread_cond_wait(condition, mutex) }
    return messages.removeFirst()
  }
}
