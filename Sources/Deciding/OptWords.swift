internal import Foundation

/// The words by which customers stop our messages, and ask for them again.
///
/// A word counts only as a whole message; capitals, accents, and punctuation around it do not matter. "Please stop by tomorrow" stops nothing.
package struct OptWords: Hashable, Sendable {
  package enum Meaning: String, Hashable, Sendable {
    case optOut = "opt_out"
    case optIn = "opt_in"
  }

  /// One language's words, and what is said to who has used one.
  package struct Language: Codable, Hashable, Sendable {
    package var optOut: [String]
    package var optIn: [String]
    /// Confirms that no more is sent.
    package var optedOutText: String
    /// Confirms that we answer again.
    package var optedInText: String

    package init(optOut: [String], optIn: [String], optedOutText: String, optedInText: String) {
      (self.optOut, self.optIn, self.optedOutText, self.optedInText) = (optOut, optIn, optedOutText, optedInText)
    }
  }

  /// What a message means, and what confirms it.
  package struct Reading: Hashable, Sendable {
    package let meaning: Meaning
    package let confirmation: String
  }

  private let readings: [String: Reading]

  /// - Parameter languages: Where two have the same word, the first one's text confirms it; an opt-out goes before an opt-in.
  package init(_ languages: [Language]) {
    var readings: [String: Reading] = [:]
    for language in languages {
      for word in language.optOut {
        let plain = OptWords.plain(word)
        if readings[plain]?.meaning != .optOut {
          readings[plain] = Reading(meaning: .optOut, confirmation: language.optedOutText)
        }
      }
      for word in language.optIn {
        let plain = OptWords.plain(word)
        if readings[plain] == nil { readings[plain] = Reading(meaning: .optIn, confirmation: language.optedInText) }
      }
    }
    readings[""] = nil
    self.readings = readings
  }

  /// What a customer's message means as a whole; nil when it is a message like any other.
  package func reading(of text: String?) -> Reading? {
    // Nearly every message is longer than the longest word, and costs nothing here.
    guard let text, !readings.isEmpty, text.utf8.count <= OptWords.longest else { return nil }
    return readings[OptWords.plain(text)]
  }

  /// In bytes, with what stands around it.
  private static let longest = 64

  /// Without capitals, accents, doubled spaces, and whatever is no letter or digit at both ends.
  static func plain(_ text: String) -> String {
    let folded = text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    let words = folded.split { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == "'" || $0 == "’") }
    return words.joined(separator: " ")
  }
}

extension OptWords {
  package static let standard = OptWords(Language.standard)
}

extension OptWords.Language {
  /// Words that nobody types alone with another meaning: "cancel" and its like are what customers of a booking desk write all day.
  package static let standard = [
    OptWords.Language(
      optOut: ["stop", "stop all", "stopall", "unsubscribe", "opt out", "optout", "opt-out"],
      optIn: ["start", "unstop", "subscribe", "opt in", "optin", "opt-in"],
      optedOutText: "You will get no more messages from us. Write START if you want us to answer again.",
      optedInText: "Welcome back: we answer your messages again. Write STOP to end this."
    ),
    OptWords.Language(
      optOut: ["parar", "pare", "sair", "descadastrar", "cancelar inscrição", "cancelar subscrição"],
      optIn: ["voltar", "retomar", "começar", "inscrever"],
      optedOutText: "Não receberá mais mensagens nossas. Escreva VOLTAR se quiser que voltemos a responder.",
      optedInText: "Bem-vindo de volta: voltámos a responder às suas mensagens. Escreva PARAR para terminar."
    ),
    OptWords.Language(
      optOut: ["baja", "darme de baja", "alto", "detener", "cancelar suscripción"],
      optIn: ["alta", "comenzar", "reanudar", "volver"],
      optedOutText: "No recibirá más mensajes nuestros. Escriba ALTA si quiere que volvamos a responder.",
      optedInText: "Bienvenido de nuevo: volvemos a responder a sus mensajes. Escriba BAJA para terminar."
    ),
    OptWords.Language(
      optOut: ["arrêt", "arrêter", "désabonner", "se désabonner", "désinscrire"],
      optIn: ["reprendre", "commencer", "s'abonner"],
      optedOutText: "Vous ne recevrez plus de messages de notre part. Écrivez REPRENDRE pour que nous répondions à nouveau.",
      optedInText: "Bon retour : nous répondons de nouveau à vos messages. Écrivez ARRÊT pour mettre fin."
    ),
    OptWords.Language(
      optOut: ["stopp", "abmelden", "abbestellen", "keine nachrichten mehr"],
      optIn: ["anmelden", "weiter", "starten"],
      optedOutText: "Sie erhalten keine Nachrichten mehr von uns. Schreiben Sie ANMELDEN, wenn wir wieder antworten sollen.",
      optedInText: "Willkommen zurück: Wir beantworten Ihre Nachrichten wieder. Mit ABMELDEN beenden Sie das."
    ),
    OptWords.Language(
      optOut: ["disiscrivi", "disiscrivimi", "cancellami", "basta messaggi"],
      optIn: ["iscrivi", "iscrivimi", "riprendi"],
      optedOutText: "Non riceverà più messaggi da noi. Scriva RIPRENDI se vuole che torniamo a rispondere.",
      optedInText: "Bentornato: rispondiamo di nuovo ai suoi messaggi. Scriva DISISCRIVI per terminare."
    ),
    OptWords.Language(
      optOut: ["afmelden", "uitschrijven", "stoppen"],
      optIn: ["aanmelden", "hervatten"],
      optedOutText: "U krijgt geen berichten meer van ons. Schrijf HERVATTEN als we weer moeten antwoorden.",
      optedInText: "Welkom terug: we beantwoorden uw berichten weer. Schrijf AFMELDEN om te stoppen."
    ),
  ]
}
