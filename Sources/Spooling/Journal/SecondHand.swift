import Foundation
import NIOConcurrencyHelpers

/// A second thread that takes its share of work of which two threads do nearly twice as much as one: making files in two folders.
///
/// It sleeps between two works, and ends with the last reference.
final class SecondHand: Sendable {
  private enum Work: Sendable {
    case none
    case offered(@Sendable () -> Void)
    case running
    case over
  }

  /// What both threads see; the second one holds nothing else, so that it does not keep its owner.
  private final class Desk: Sendable {
    let work = NIOLockedValueBox(Work.none)
    let offer = Doorbell()
    let end = Doorbell()

    func run() {
      while true {
        let taken = work.withLockedValue { work in
          if case .offered = work {
            defer { work = .running }
            return work
          }
          return work
        }
        switch taken {
        case .over: return
        case .none, .running: offer.wait()
        case .offered(let body):
          body()
          work.withLockedValue { work in
            if case .running = work { work = .none }
          }
          end.ring()
        }
      }
    }

    /// Takes an offer back that nobody has taken; whether nobody is at it.
    func isIdle() -> Bool {
      work.withLockedValue { work in
        switch work {
        case .offered: work = .none
        case .running: return false
        case .none, .over: break
        }
        return true
      }
    }
  }
  private let desk = Desk()

  /// A thread of that name.
  init(named name: String) {
    let thread = Thread { [desk] in
      // Its own name for ps and perf: the one of the process is inherited.
      Thread.current.name = name
      desk.run()
    }
    thread.start()
  }

  deinit {
    desk.work.withLockedValue { $0 = .over }
    desk.offer.ring()
  }

  /// Does work on two threads: calls `act` for each number below `count` once, until one says no.
  ///
  /// A thread to which `act` says no stops; the other one goes on. Of one owner at a time.
  ///
  /// - Parameters:
  ///   - count: How many there are.
  ///   - act: Told which, and on which of the two threads it is: 0 is the caller's. Answers whether it is done.
  /// - Returns: The numbers that are not done, in order.
  func share(_ count: Int, _ act: @escaping @Sendable (_ number: Int, _ hand: Int) -> Bool) -> [Int] {
    let next = NIOLockedValueBox(0)
    let left = NIOLockedValueBox<[Int]>([])
    let work: @Sendable (Int) -> Void = { hand in
      while true {
        let number = next.withLockedValue { next in
          defer { next += 1 }
          return next
        }
        guard number < count else { return }
        guard act(number, hand) else { return left.withLockedValue { $0.append(number) } }
      }
    }
    desk.work.withLockedValue { $0 = .offered { work(1) } }
    desk.offer.ring()
    work(0)
    while !desk.isIdle() { desk.end.wait() }
    return left.withLockedValue { $0 }.sorted() + Array(min(next.withLockedValue { $0 }, count)..<count)
  }
}
