"""Which words in a chat are meant for the bot."""

import re


def addressed(text: str, name: str, *, in_group: bool) -> str | None:
    """The words without the bot's name ('/status@sambar_bot' is '/status'); None when they are not for us.

    Among several bots a command names its bot: https://core.telegram.org/bots/features#commands. In a group only
    commands and what mentions the bot are for us; the rest is talk among people.
    """
    words = text.strip()
    command = re.match(r"/[^\s@]*(?:@(\w+))?", words)
    if command is not None:
        if (of := command.group(1)) is not None:
            if of.lower() != name.lower():
                return None
            words = words[: command.start(1) - 1] + words[command.end(1) :]
        return words
    mention = re.compile(rf"(?<!\w)@{re.escape(name)}(?!\w)", re.IGNORECASE)
    if name and mention.search(words):
        return " ".join(mention.sub(" ", words).split())
    return None if in_group else words
