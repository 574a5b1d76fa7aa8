"""HTTP Live Streaming: the playlist of a finished film (RFC 8216)."""

import math

from reelsmith.domain.streams import StreamFacts

CONTENT_TYPE = "application/vnd.apple.mpegurl"
_VERSION = 7  # the first with fragmented MP4 in byte ranges of one file


def playlist(facts: StreamFacts, url: str) -> str:
    """The media playlist of a stream that is read from `url`, which must allow byte ranges."""
    longest = max(fragment.seconds for fragment in facts.fragments)
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{_VERSION}",
        f"#EXT-X-TARGETDURATION:{math.ceil(longest)}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{url}",BYTERANGE="{facts.opening_bytes}@0"',
    ]
    for fragment in facts.fragments:
        lines += [
            f"#EXTINF:{fragment.seconds:.6f},",
            f"#EXT-X-BYTERANGE:{fragment.size_bytes}@{fragment.first_byte}",
            url,
        ]
    return "\n".join([*lines, "#EXT-X-ENDLIST", ""])
