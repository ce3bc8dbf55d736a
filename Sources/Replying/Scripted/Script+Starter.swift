extension Script {
  /// A script to begin with: it works as it is, and its comments tell the whole format.
  package static let starter = #"""
    # How replyd answers when no model is asked.
    #
    # The rules are tried from top to bottom; the first one that matches a message answers. When none does, `default` answers.
    #
    #   when:   words to look for. Whole words count, capitals and accents do not: "ola" finds "Olá!".
    #           Several are separated by | or written as a list; order* finds order, orders and ordering.
    #           A regular expression stands between slashes, and sees the first 1,000 characters: /order (\d+)/
    #   type:   the kind of message: text, image, audio, video, document, sticker, location, contacts, button, interactive, order.
    #   reply:  what to say. A list of replies is gone through in turn.
    #
    # In a reply these are filled in:
    #   {name}  what the customer calls themself     {channel}  the name of the number they wrote to
    #   {text}  what they wrote                      {time}     the time of day in `timezone`
    #   {1}     what stood in the first ( ) of the rule's regular expression
    #   {name|friend}  falls back on "friend" when there is no name; {{ and }} are plain braces.
    #
    # Quotes are needed around a text that begins with { or holds ": " or " #". When in doubt, use quotes.

    timezone: UTC

    rules:
      - when: hello | hi | good morning | olá | bom dia
        reply:
          - "Hello, {name}! How can I help?"
          - "Hello again, {name}! What else can I do?"

      - when: [open*, opening hours, hours, horário]
        reply: "We are open from Monday to Friday, 9:00 to 18:00. It is {time} now."

      - when: '/\b(?:order|encomenda)\s+#?(\d+)/'
        reply: "Thank you! I am looking for order {1}."

      - when: thank* | obrigad* | 👍
        reply: "You are welcome, {name}!"

      - type: [image, video, document]
        reply: "Thank you, I have received it and somebody will look at it."

      - type: [audio, voice]
        reply: "I cannot listen to voice messages yet. Would you write it to me, please?"

    default: "Thank you for your message: “{text|…}”. Somebody will answer you soon."
    """#
}
