extension ReplyError {
  /// What happened, as a sentence for the operator.
  package var message: String {
    switch self {
    case .scriptSilent(let line): "The script's reply in line \(line) came out empty."
    case .patternTooSlow(let line): "The pattern of the script's rule in line \(line) was given up on: it tried too many ways to match."
    case .scriptBroken(let path, let problem): "The script \(path) cannot be used. \(problem)"
    case .promptMissing: "The agent has no prompt, or an empty one, so the model would not know what to do."
    case .promptUnknown(let id, let note): "The prompt `\(id.plainLine(limit: 100))` is not known\(note?.ending ?? ".")"
    case .modelMissing: "No model is named, neither by the agent nor by the settings."
    case .modelUnknown(let model?, let note): "The model's server has no model `\(model.plainLine(limit: 100))` for us\(note.ending)"
    case .modelUnknown(nil, let note): "The model that the stored prompt names is not there for us\(note.ending)"
    case .keyMissing: "OpenAI is asked without a key."
    case .keyUnusable: "The OpenAI key has characters that no key has, such as a blank or a line break."
    case .keyRefused(let note): "The model's server did not accept the key\(note.ending)"
    case .addressUnusable(let problem): "The address of the model's server cannot be used: \(problem)."
    case .requestRefused(let note): "The model's server does not take the request\(note.ending)"
    case .quotaExhausted(let note): "The account at the model's server is used up\(note.ending)"
    case .throttled(let note): "The model's server asks for fewer requests\(note.ending)"
    case .unavailable(let note): "The model's server could not answer\(note.ending)"
    case .unreadable(let note): "The answer of the model's server cannot be read\(note.ending)"
    case .unfinished(let note): "The model's server answered before there was a reply\(note.ending)"
    case .requestTooLarge(let note): "The conversation is more than the model's server takes in a minute\(note.ending)"
    case .contextTooLong(let note): "The customer's messages do not fit into the model, even without the history\(note.ending)"
    case .blocked(let note): "The rules of the model's server forbid the question or its reply\(note.ending)"
    case .modelRefused(let note): "The model declined to answer\(note.ending)"
    case .cutOff(let note): "The model's reply broke off before its first whole sentence\(note.ending)"
    }
  }

  /// What the operator should do.
  package var advice: String {
    switch self {
    case .scriptSilent: "Give its variables something to fall back on, as in `{text|your message}`, then run the message again."
    case .patternTooSlow: "Write it without a repeat inside a repeat, such as `(a+)+`, then run the message again."
    case .scriptBroken: "Mend the file, then run the message again."
    case .promptMissing: "Give the agent a prompt with some text in it, then run the message again."
    case .promptUnknown:
      "Give the agent a prompt of ours with the text in it, then run the message again. OpenAI is giving up the prompts it keeps (`pmpt_…`)."
    case .modelMissing: "Set `OPENAI_MODEL`, or give the agent a model, then run the message again."
    case .modelUnknown: "Look up the models of this server, correct `OPENAI_MODEL` or the agent's model, then run the message again."
    case .keyMissing: "Set `OPENAI_API_KEY`, or `OPENAI_BASE_URL` to a server that needs none, then run the message again."
    case .keyUnusable: "Copy the key once more into `OPENAI_API_KEY`, then run the message again."
    case .keyRefused: "Check `OPENAI_API_KEY`, and what the key may do, at the model's server; then run the message again."
    case .addressUnusable: "Correct `OPENAI_BASE_URL`, such as `https://api.openai.com/v1`, then run the message again."
    case .requestRefused: "Check `OPENAI_BASE_URL` and the agent's model against what the server says, then run the message again."
    case .quotaExhausted: "Add credit, or raise the limit, at the model's server; the message is tried again by itself."
    case .throttled: "Nothing to do: it is tried again. If this lasts, ask the model's server for higher limits."
    case .unavailable: "Nothing to do: it is tried again. If this lasts, look at the server's status page and at this machine's network."
    case .unreadable, .unfinished:
      "Nothing to do: it is tried again. If this lasts, check that `OPENAI_BASE_URL` leads to a server that speaks the Responses API."
    case .requestTooLarge: "Ask the model's server for higher limits, or shorten the prompt, then run the message again."
    case .contextTooLong: "Give the agent a model with a larger context, or a shorter prompt, then run the message again."
    case .blocked, .modelRefused: "Read the conversation, and answer the customer in person."
    case .cutOff: "Ask for shorter replies in the prompt, or choose a model that thinks less, then run the message again."
    }
  }
}
