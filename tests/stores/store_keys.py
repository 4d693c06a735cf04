"""Keys that somebody gets wrong: every byte that URLs, files or signatures treat in a way of their own."""

LONG = 1024  # bytes of a key, at most, as S3 has it


def filled(piece: str) -> bytes:
    """A key of as many bytes as there may be, made of one character, in segments that a file system can hold."""
    size = len(piece.encode())
    segment = piece * (200 // size) + "/"
    text = segment * (LONG // len(segment.encode()))
    text += piece * ((LONG - len(text.encode())) // size)
    return (text + "x" * (LONG - len(text.encode()))).encode()


def written(text: str) -> bytes:
    return text.encode()


KEYS: dict[str, bytes] = {
    "plain": b"plain.txt",
    "blank": b"a b",
    "blanks at the ends": b" a  b ",
    "plus": b"a+b",
    "plus beside blank": b"a +b",
    "percent": b"100%",
    "two percents": b"%%",
    "percent that looks like A": b"%41",
    "percent that looks like a slash": b"a%2Fb",
    "percent that looks like a small slash": b"a%2fb",
    "percent that looks like a percent": b"%25",
    "percent of nothing": b"%zz%4",
    "question mark": b"a?b",
    "a query": b"a?versionId=null&b=c",
    "hash": b"a#b",
    "ampersand": b"a&b",
    "equals": b"a=b",
    "semicolon": b"a;b",
    "colon": b"a:b",
    "a url": b"http://host:80/path",
    "at": b"user@host",
    "tilde": b"~a~",
    "apostrophe": b"it's",
    "quote": b'say "a"',
    "exclamation": b"a!",
    "asterisk": b"*.txt",
    "parentheses": b"a(b)c",
    "comma": b"a,b",
    "dollar": b"$HOME",
    "brackets": b"a[b]c",
    "braces": b"{a}",
    "bar": b"a|b",
    "caret": b"a^b",
    "back quote": b"a`b",
    "angles": b"<a>",
    "backslash": b"a\\b",
    "backslash dots": b"..\\a",
    "umlaut, composed": written("m\u00fcnchen"),
    "umlaut, decomposed": written("mu\u0308nchen"),
    "emoji": written("\U0001f4f7.jpg"),
    "right to left": written("\u05e9\u05dc\u05d5\u05dd"),
    "no-break blank": written("a\u00a0b"),
    "leading slash": b"/leading",
    "double slash": b"double//slash",
    "three slashes in front": b"///three",
    "trailing slash": b"folder/",
    "a slash": b"/",
    "dot": b".",
    "two dots": b"..",
    "three dots": b"...",
    "dot in front": b"./one",
    "two dots in front": b"../two",
    "dot within": b"here/./within",
    "two dots within": b"two/../within",
    "two dots at the end": b"end/..",
    "hidden": b".hidden",
    "control 1": b"a\x01b",
    "tab": b"a\tb",
    "line feed": b"a\nb",
    "carriage return": b"a\rb",
    "line end at the end": b"a\r\n",
    "escape": b"a\x1b[31mb",
    "delete": b"a\x7fb",
    "as long as can be": filled("k"),
    "as long as can be, of three bytes each": filled("\u20ac"),
}


def content_of(label: str) -> bytes:
    """The body of the key with that label: of its own, so that no two can be taken for each other."""
    return f"{label}: {KEYS[label]!r}\n".encode()
