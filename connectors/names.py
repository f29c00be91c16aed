"""What platforms call themselves, for sentences."""

NAMES = {"hackernews": "Hacker News", "linkedin": "LinkedIn"}


def name_of(platform: str) -> str:
    return NAMES.get(platform) or platform[:1].upper() + platform[1:]
