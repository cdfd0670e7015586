"""The texts in a msgpack message made readable and cut to size, before anything else reads it."""

from __future__ import annotations

from .bounds import MAX_TEXT, MAX_VALUES, WireError

# First byte of a text → bytes of its size after it. Source: the msgpack specification, formats.
_TEXT = {0xD9: 1, 0xDA: 2, 0xDB: 4}
# First byte of a number, or of an array's or map's count → bytes after it.
_AFTER = {
    **dict.fromkeys((0xCC, 0xD0), 1),
    **dict.fromkeys((0xCD, 0xD1, 0xDC, 0xDE), 2),
    **dict.fromkeys((0xCA, 0xCE, 0xD2, 0xDD, 0xDF), 4),
    **dict.fromkeys((0xCB, 0xCF, 0xD3), 8),
}


def readable(body: bytes) -> bytes:
    """``body`` with every text valid UTF-8 and at most ``MAX_TEXT`` characters long.

    What is not UTF-8 is spelled out with backslashes. Everything else stays as it is: arrays and
    maps are only their counts here, so that nothing nests and nothing is made of what they claim.
    Of a kind that no message holds (binary, extensions) the first byte stays, and is refused later.

    Raises:
        WireError: More than ``MAX_VALUES`` values, or a text that is not there.
    """
    made = bytearray()
    at = 0
    for _ in range(MAX_VALUES):
        if at >= len(body):
            return bytes(made)
        code = body[at]
        count = _TEXT.get(code, 0)
        if count or 0xA0 <= code < 0xC0:
            start = at + 1 + count
            size = int.from_bytes(body[at + 1 : start], "big") if count else code - 0xA0
            if start + size > len(body):
                raise WireError("a text that claims more than there is")
            # A character takes four bytes at most: what is cut off here is cut off below too.
            head = body[start : start + min(size, 4 * MAX_TEXT)]
            text = head.decode("utf-8", "backslashreplace")[:MAX_TEXT].encode()
            made += b"\xdb" + len(text).to_bytes(4, "big") + text
            at = start + size
        else:
            end = at + 1 + _AFTER.get(code, 0)
            made += body[at:end]
            at = end
    raise WireError(f"more than {MAX_VALUES} values in one message")
