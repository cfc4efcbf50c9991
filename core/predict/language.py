"""Whether a text is in English, the only language that the models have learned."""

from __future__ import annotations

import re
import unicodedata

ANOTHER_SCRIPT = "another script"

# Words that many texts have and that are no words of English.
_COMMON_WORDS = {
    "German": "der das und ist nicht ein eine einen ich sehr sie wir schlecht schön ganz auch aber mit für kein dieser",
    "French": "le est une je très et cette mais c'est c’est j'ai j’ai n'est n’est ce avec trop nul que il ne pas j'adore j’adore",
    "Spanish": "el los una es muy esta este película pelicula pero que más por encanta gusta y buena malo mala",
    "Italian": "il è molto questo questa una della bello bella brutto più ma mi piace",
    "Portuguese": "não é muito uma filme este esta mas que mais gostei eu ótimo bom ruim",
    "Dutch": "het een niet ik zeer deze maar goed slecht ook",
}
_OTHER_WORDS = {language: frozenset(words.split()) for language, words in _COMMON_WORDS.items()}
_COMMON_ENGLISH_WORDS = (
    "the a an of and to i it is was this that not are were you he she they we my your his her in on for with but so as at by be "
    "have has had do does did what which who will would can could should very good bad more he's it's i'm don't there if"
)
_ENGLISH_WORDS = frozenset(_COMMON_ENGLISH_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def other_language(text: str) -> str | None:
    """The language that a text seems to be in, for a hint; None for English and where nothing tells.

    Returns:
        The English name of the language; `ANOTHER_SCRIPT` where most letters are not Latin.
    """
    letters = [character for character in text if character.isalpha()]
    if letters and sum("LATIN" not in unicodedata.name(letter, "") for letter in letters) * 2 > len(letters):
        return ANOTHER_SCRIPT
    words = [word.lower() for word in _WORD.findall(text)]
    num_english = sum(word in _ENGLISH_WORDS for word in words)
    found = {language: sum(word in known for word in words) for language, known in _OTHER_WORDS.items()}
    likeliest = max(found, key=lambda language: found[language])
    return likeliest if found[likeliest] > num_english else None
