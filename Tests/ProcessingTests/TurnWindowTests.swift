import Testing

@testable import Processing

@Suite struct TurnWindowTests {
  private let start = ContinuousClock.now

  @Test func `a window begins with sixteen`() {
    var window = TurnWindow(limit: 1000)
    #expect(window.room(running: 0, at: start) == 16)
    #expect(window.room(running: 10, at: start) == 6)
    #expect(window.nextGrowth == nil)
  }

  @Test(arguments: [(-1, 1), (0, 1), (1, 1), (5, 5), (16, 16), (17, 16)])
  func `a window is never wider than its limit nor empty`(limit: Int, room: Int) {
    var window = TurnWindow(limit: limit)
    #expect(window.room(running: 0, at: start) == room)
  }

  @Test func `a window that stays full doubles until its limit`() {
    var window = TurnWindow(limit: 40)
    #expect(window.room(running: 16, at: start) == 0)
    #expect(window.nextGrowth == start.advanced(by: .milliseconds(250)))
    #expect(window.room(running: 16, at: start.advanced(by: .milliseconds(249))) == 0)
    #expect(window.room(running: 16, at: start.advanced(by: .milliseconds(250))) == 16)
    let later = start.advanced(by: .seconds(1))
    #expect(window.room(running: 32, at: later) == 0)
    #expect(window.room(running: 32, at: later.advanced(by: .milliseconds(250))) == 8)
    #expect(window.room(running: 40, at: later.advanced(by: .seconds(5))) == 0)
    #expect(window.nextGrowth == nil)
  }

  @Test func `a free place that nobody waits for begins the patience anew`() {
    var window = TurnWindow(limit: 40)
    _ = window.room(running: 16, at: start)
    #expect(window.room(running: 15, at: start.advanced(by: .milliseconds(200))) == 1)
    window.relax()
    #expect(window.room(running: 16, at: start.advanced(by: .milliseconds(300))) == 0)
    #expect(window.room(running: 16, at: start.advanced(by: .milliseconds(549))) == 0)
  }

  @Test func `a window that is filled again at once grows like a full one`() {
    var window = TurnWindow(limit: 40)
    _ = window.room(running: 16, at: start)
    #expect(window.room(running: 15, at: start.advanced(by: .milliseconds(200))) == 1)
    #expect(window.room(running: 16, at: start.advanced(by: .milliseconds(249))) == 0)
    #expect(window.room(running: 16, at: start.advanced(by: .milliseconds(250))) == 16)
  }

  @Test func `a window that ran empty begins small again`() {
    var window = TurnWindow(limit: 40)
    _ = window.room(running: 16, at: start)
    #expect(window.room(running: 16, at: start.advanced(by: .seconds(1))) == 16)
    #expect(window.room(running: 0, at: start.advanced(by: .seconds(2))) == 16)
  }
}
