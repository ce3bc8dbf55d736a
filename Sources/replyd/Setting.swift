/// One setting.
///
/// Its names, its default, what it means: this is the one place where they are all listed.
struct Setting: Hashable, Sendable {
  /// In replyd.yaml, dots for nesting.
  let key: String
  let environment: String
  let isSecret: Bool
  /// As it would be written; nil when there is none.
  let standard: String?
  let meaning: String

  init(_ key: String, _ environment: String, isSecret: Bool = false, standard: String?, _ meaning: String) {
    (self.key, self.environment, self.isSecret, self.standard, self.meaning) = (key, environment, isSecret, standard, meaning)
  }

  static let journal = Setting(
    "journal.folder", "REPLYD_JOURNAL", standard: "<spool>/journal",
    "Where acknowledged payloads are kept until they are files, perhaps on another local disk.")
  static let journalLimit = Setting(
    "journal.max_bytes", "REPLYD_JOURNAL_MAX_BYTES", standard: "4294967296",
    "How many acknowledged bytes may wait to be files before webhooks get 503: 16777216 to 1099511627776.")
  static let spool = Setting("spool", "REPLYD_SPOOL", standard: "./spool", "The folder that payload files travel through.")
  static let data = Setting("data", "REPLYD_DATA", standard: "./data", "The folder of the ledger and its locks.")
  static let databaseURL = Setting(
    "database_url", "REPLYD_DATABASE_URL", standard: "sqlite:<data>/replyd.db", "Where the ledger is: sqlite:PATH.")
  static let remoteSpool = Setting(
    "remote_spool", "REPLYD_REMOTE_SPOOL", standard: "false", "Whether the spool may lie on NFS, CIFS or FUSE: true or false.")
  static let graphURL = Setting("meta.graph_url", "META_GRAPH_URL", standard: "https://graph.facebook.com", "Where replies are sent.")
  static let graphVersion = Setting("meta.graph_version", "META_GRAPH_VERSION", standard: "v25.0", "The Graph API's version: vN.N.")
  static let listen = Setting(
    "listen", "REPLYD_LISTEN", standard: "127.0.0.1:8080", "Where webhooks and the API are served: HOST:PORT; port 0 takes any free one.")
  static let connections = Setting(
    "receive.connections", "REPLYD_RECEIVE_CONNECTIONS", standard: "12000",
    "How many connections may be open at once, a quarter of them from one address that is no proxy; one more is closed: 1 to 1000000.")
  static let rate = Setting(
    "receive.rate", "REPLYD_RECEIVE_RATE", standard: "1000",
    "How many requests a second one address may make (IPv6: one /64), and as many at once, before it gets 429: 0 (no limit) to 1000000. "
      + "Unless it is set, requests from this machine itself are not counted.")
  static let proxies = Setting(
    "receive.proxies", "REPLYD_RECEIVE_PROXIES", standard: "127.0.0.0/8,::1",
    "Whose X-Forwarded-For is believed: addresses and networks with commas between, or none.")
  static let verifyToken = Setting(
    "webhook.verify_token", "WEBHOOK_VERIFY_TOKEN", isSecret: true, standard: nil,
    "The word typed into Meta's dashboard beside the webhook's address; without it the handshake is refused. Secret.")
  static let appSecret = Setting(
    "meta.app_secret", "META_APP_SECRET", isSecret: true, standard: nil,
    "The app's secret, several with commas between: what webhooks are signed with; without it all are refused. Secret.")
  static let openAIKey = Setting(
    "openai.api_key", "OPENAI_API_KEY", isSecret: true, standard: nil, "The key to OpenAI, or to what stands at its address. Secret.")
  static let openAIBaseURL = Setting(
    "openai.base_url", "OPENAI_BASE_URL", standard: "https://api.openai.com/v1", "Where models are asked; /responses is added.")
  static let openAIModel = Setting(
    "openai.model", "OPENAI_MODEL", standard: nil, "The model of agents that name none; not needed for prompts pmpt_….")
  static let openAITimeout = Setting(
    "openai.timeout", "OPENAI_TIMEOUT", standard: "60s", "How long a model may take before it is asked again later: 1s to 10m.")
  static let adminKey = Setting(
    "admin_key", "REPLYD_ADMIN_KEY", isSecret: true, standard: nil, "The operator's key to the API: makes users, adds credits. Secret.")
  static let registration = Setting(
    "api.registration", "REPLYD_API_REGISTRATION", standard: "admin", "Who may make users by the API: admin or open.")
  static let topUp = Setting(
    "api.topup", "REPLYD_API_TOPUP", standard: "admin", "Who may add credits by the API: admin, or self for users as well.")
  static let wakesAfterCredits = Setting(
    "credits.wake", "REPLYD_CREDITS_WAKE", standard: "true",
    "Whether turns that were refused for lack of credits are answered when some are added, as far as their window allows: true or false.")
  static let verifiesChannels = Setting(
    "channels.verify", "REPLYD_CHANNELS_VERIFY", standard: "true",
    "Whether Meta must show a number to its user's token before anything is answered for it: true or false.")
  static let sendTimeout = Setting(
    "send.timeout", "REPLYD_SEND_TIMEOUT", standard: "30s", "How long a send may take before its outcome is unknown: 1s to 10m.")
  static let sendGrace = Setting(
    "send.grace", "REPLYD_SEND_GRACE", standard: "10m", "How long the platform may take to tell what became of such a send: 0s to 7d.")
  static let channelRate = Setting(
    "send.channel_rate", "REPLYD_CHANNEL_RATE", standard: "80",
    "How many messages a second may leave one number, 0 (no limit, nor one for each customer: for servers that are not Meta's) to 1000.")
  static let alertCommand = Setting(
    "alert.command", "REPLYD_ALERT_COMMAND", standard: nil,
    "A shell command that is run for each alert, when it is raised and when it is over: it gets the alert as JSON on standard input.")
  static let alertWebhook = Setting(
    "alert.webhook", "REPLYD_ALERT_WEBHOOK", standard: nil, "An address that the same JSON is posted to.")
  static let alertSilence = Setting(
    "alert.silence", "REPLYD_ALERT_SILENCE", standard: "24h", "After how long without any webhook an alert is raised: 0s (never) to 30d.")
  static let quietPeriod = Setting(
    "answer.quiet_period", "REPLYD_QUIET_PERIOD", standard: "2s",
    "How long a customer must be quiet before a turn begins, unless the agent says otherwise: 0s to 10m.")
  static let handOffPeriod = Setting(
    "answer.handoff", "REPLYD_ANSWER_HANDOFF", standard: "12h",
    "For how long an agent is silent after a person has answered in its place: 0s to 30d.")
  static let stale = Setting(
    "answer.stale", "REPLYD_ANSWER_STALE", standard: "answer",
    "What becomes of messages that waited longer than answer.stale_after before anything could be done: answer, hold (until `replyd release`), "
      + "or skip (kept, not answered)."
  )
  static let staleAfter = Setting(
    "answer.stale_after", "REPLYD_ANSWER_STALE_AFTER", standard: "1h", "How long messages may wait before answer.stale is asked: 1m to 24h."
  )
  static let loopTurns = Setting(
    "answer.loop_turns", "REPLYD_ANSWER_LOOP_TURNS", standard: "60",
    "How many turns of one conversation are answered within answer.loop_period; then it is held, for two programs may be talking: "
      + "0 (any number) to 100000.")
  static let loopRepeats = Setting(
    "answer.loop_repeats", "REPLYD_ANSWER_LOOP_REPEATS", standard: "5",
    "How often in a row the very same text is answered within answer.loop_period; then its conversation is held: 0 (any number) to 100.")
  static let loopPeriod = Setting(
    "answer.loop_period", "REPLYD_ANSWER_LOOP_PERIOD", standard: "10m", "For how long turns count as many: 10s to 24h.")
  static let appID = Setting(
    "meta.app_id", "META_APP_ID", standard: nil, "The app's id, by which an echo of what replyd has sent is known from a person's message.")
  static let turns = Setting(
    "process.turns", "REPLYD_PROCESS_TURNS", standard: "1000", "How many conversations one process runs at once, at most: 1 to 100000.")
  static let stopGrace = Setting(
    "process.stop_grace", "REPLYD_STOP_GRACE", standard: "20s", "How long to wait, when told to stop, for what is under way: 0s to 10m.")
  static let keepsDone = Setting(
    "prune.done", "REPLYD_PRUNE_DONE", standard: "30d",
    "How long answered payloads are kept before `replyd prune`, or the night, removes them: 1d to 36500d, or never.")
  static let keepsFailed = Setting(
    "prune.failed", "REPLYD_PRUNE_FAILED", standard: "90d", "How long failed payloads are kept, with their reasons: 1d to 36500d, or never."
  )
  static let keepsReceipts = Setting(
    "prune.receipts", "REPLYD_PRUNE_RECEIPTS", standard: "400d", "How long receipts are kept: 8d to 36500d, or never.")
  static let logLevel = Setting(
    "log.level", "REPLYD_LOG_LEVEL", standard: "info", "How much is logged: trace, debug, info, notice, warning, error, critical.")
  static let secretKey = Setting(
    "secret_key", "REPLYD_SECRET_KEY", isSecret: true, standard: nil,
    "Seals the channels' access tokens: 64 hex digits (`openssl rand -hex 32`). Secret: environment, or REPLYD_SECRET_KEY_FILE, only.")

  static let all = [
    listen, journal, journalLimit, connections, rate, proxies, spool, data, databaseURL, remoteSpool, verifyToken, appSecret, graphURL,
    graphVersion, sendTimeout,
    sendGrace, openAIKey, openAIBaseURL, openAIModel, openAITimeout, quietPeriod, registration, topUp, adminKey, wakesAfterCredits,
    verifiesChannels, channelRate, handOffPeriod, stale, staleAfter, loopTurns, loopRepeats, loopPeriod, appID, alertCommand, alertWebhook,
    alertSilence, turns, stopGrace, keepsDone, keepsFailed, keepsReceipts, logLevel, secretKey,
  ]
}
