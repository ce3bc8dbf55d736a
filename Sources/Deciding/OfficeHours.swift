package import Foundation

/// When an office is open, by its own clock: `Mon-Fri 09:00-18:00, Sat 10:00-13:00 Europe/Lisbon`.
///
/// A day may stand several times (`Mon 09:00-12:00, Mon 14:00-18:00`); hours that end at or before their beginning go past midnight.
package struct OfficeHours: Hashable, Sendable {
  private struct Span: Hashable {
    /// 1 is Sunday.
    let weekday: Int
    /// In minutes of the day.
    let from: Int
    /// 0 to 1440, more when it goes past midnight.
    let until: Int
  }

  /// As it was written, for people.
  package let text: String
  private let spans: [Span]
  private let zone: TimeZone

  package struct Problem: Error, Hashable, Sendable {
    package let message: String
  }

  /// - Parameter text: Days and hours with commas between, then the time zone.
  /// - Throws: What is wrong with it, as a sentence.
  package init(_ text: String) throws(Problem) {
    guard let zoneStart = text.lastIndex(of: " "), let zone = TimeZone(identifier: String(text[text.index(after: zoneStart)...])) else {
      throw Problem(message: "office hours end with a time zone, as in “Mon-Fri 09:00-18:00 Europe/Lisbon”")
    }
    var spans: [Span] = []
    for part in text[..<zoneStart].split(separator: ",") {
      let words = part.split(separator: " ")
      guard words.count == 2, let days = OfficeHours.days(words[0]), let hours = OfficeHours.hours(words[1]) else {
        throw Problem(
          message:
            "“\(part.trimmingCharacters(in: .whitespaces))” is not of the form “Mon-Fri 09:00-18:00” (days are Mon Tue Wed Thu Fri Sat Sun)"
        )
      }
      spans += days.map { Span(weekday: $0, from: hours.from, until: hours.until) }
    }
    guard !spans.isEmpty else { throw Problem(message: "office hours name at least one day, as in “Mon-Fri 09:00-18:00 Europe/Lisbon”") }
    (self.text, self.spans, self.zone) = (text, spans, zone)
  }

  package enum State: Hashable, Sendable {
    case open
    /// Since when: the end of the hours before; at most nine days back.
    case closed(since: Date)
  }

  package func state(at time: Date) -> State {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let today = calendar.startOfDay(for: time)
    var lastEnd = time.addingTimeInterval(-9 * 86_400)
    for back in 0...8 {
      guard let day = calendar.date(byAdding: .day, value: -back, to: today) else { continue }
      let weekday = calendar.component(.weekday, from: day)
      for span in spans where span.weekday == weekday {
        let (from, until) = (OfficeHours.moment(span.from, of: day, calendar), OfficeHours.moment(span.until, of: day, calendar))
        if from <= time, time < until { return .open }
        if until <= time { lastEnd = max(lastEnd, until) }
      }
    }
    return .closed(since: lastEnd)
  }

  /// By the clock on the wall: on the day that it changes, nine is still nine.
  private static func moment(_ minute: Int, of day: Date, _ calendar: Calendar) -> Date {
    let start = calendar.date(byAdding: .day, value: minute / 1440, to: day) ?? day
    let (hour, rest) = (minute % 1440 / 60, minute % 60)
    return calendar.date(bySettingHour: hour, minute: rest, second: 0, of: start)
      ?? start.addingTimeInterval(TimeInterval(minute % 1440 * 60))
  }

  private static func days(_ word: Substring) -> [Int]? {
    let names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    let ends = word.lowercased().split(separator: "-", omittingEmptySubsequences: false).map { names.firstIndex(of: String($0)) }
    switch (ends.count, ends.first ?? nil, ends.last ?? nil) {
    case (1, let day?, _): return [day + 1]
    case (2, let first?, let last?): return (0...(last - first + 7) % 7).map { (first + $0) % 7 + 1 }
    default: return nil
    }
  }

  private static func hours(_ word: Substring) -> (from: Int, until: Int)? {
    let ends = word.split(separator: "-", omittingEmptySubsequences: false).map(minute)
    guard ends.count == 2, let from = ends[0], from < 1440, let until = ends[1] else { return nil }
    return (from, until > from ? until : until + 1440)
  }

  private static func minute(_ word: Substring) -> Int? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    let isPlain = parts.count == 2 && parts.allSatisfy { (1...2).contains($0.utf8.count) && $0.utf8.allSatisfy { (48...57).contains($0) } }
    guard isPlain, let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60 else { return nil }
    let whole = hour * 60 + minute
    return whole <= 1440 ? whole : nil
  }
}
