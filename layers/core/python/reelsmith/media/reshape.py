"""A decoded picture as a film wants it: upright, in BT.709, fitted. For the child only.

FFmpeg's filters do the work, built one by one from numbers that are computed here: there is no
graph text, and nothing of the file's own words goes in. HDR is tone-mapped by swscale's perceptual
intent, which costs about as much as coding the picture.
"""

from dataclasses import dataclass
from fractions import Fraction

import av
from av.filter import Graph
from av.filter.context import FilterContext

from reelsmith.media.clip_kinds import Kind, Lie, kind_of

_SCALER = "bicubic+accurate_rnd+bitexact"
_STRIP = 8  # pixels; a backdrop that would show less of itself is left out

# The backdrop: shrunk until nothing can be read, softened, darker and paler than the picture.
_BACKDROP_SIDE = 64
_SOFT = "3"
_DIM_LUMA, _DIM_CHROMA = "16+(val-16)*0.55", "128+(val-128)*0.8"

_Steps = list[tuple[str, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Target:
    """The film's frame, in even pixels; `contain` shows all of a picture before a backdrop."""

    width: int
    height: int
    contain: bool


class Reshaper:
    """Makes pictures fit for a film, whatever they change to on the way."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._kind: Kind | None = None
        self._graph: Graph | None = None

    def fitted(self, frame: av.VideoFrame, pixel_shape: Fraction) -> av.VideoFrame:
        """The picture as yuv420p, BT.709, limited range, of the target's size.

        Raises:
            Refused: its colours are of a kind that is not known.
        """
        kind = kind_of(frame, pixel_shape)
        if kind != self._kind:
            self._kind, self._graph = kind, _graph(kind, self._target, frame)
        if self._graph is None:
            return frame
        frame.colorspace, frame.color_range = kind.matrix, kind.colour_range
        frame.color_primaries, frame.color_trc = kind.primaries, kind.transfer
        self._graph.vpush(frame)
        return self._graph.vpull()


class Deinterlacer:
    """Makes whole pictures of interlaced ones, and leaves others as they are; one picture late."""

    def __init__(self, like: av.VideoFrame) -> None:
        self._like = like.width, like.height, like.format.name
        self._graph = _line(like, [("bwdif", {"mode": "send_frame", "deint": "interlaced"})])

    def takes(self, frame: av.VideoFrame) -> bool:
        """Whether it was made for pictures like this one."""
        return (frame.width, frame.height, frame.format.name) == self._like

    def feed(self, frame: av.VideoFrame | None) -> list[av.VideoFrame]:
        """Take a picture, or the end; give those that are ready."""
        self._graph.vpush(frame)
        ready = []
        while True:
            try:
                ready.append(self._graph.vpull())
            except (av.error.BlockingIOError, av.error.EOFError):
                return ready


def _graph(kind: Kind, target: Target, frame: av.VideoFrame) -> Graph | None:
    """The filters for pictures of a kind; None when they are right as they are."""
    width, height = _shown_size(kind, target)
    whole = (width, height) == (target.width, target.height)
    before, after = _upright(kind.lie)
    crop = _cropped(kind, target) if whole else []
    across, down = (height, width) if kind.lie.turned else (width, height)
    fits = not crop and not before and (kind.width, kind.height) == (across, down)
    scale = [] if fits and kind.has_our_colours else _scaled(across, down)
    steps = [*before, *crop, *scale, *after]
    if not whole:
        return _before_backdrop(frame, steps, (width, height), target)
    return _line(frame, steps) if steps else None


def _upright(lie: Lie) -> tuple[_Steps, _Steps]:
    """What puts a picture upright: what costs nothing before scaling, and the rest after."""
    before: _Steps = [("vflip", {})] if lie.upside_down else []
    if lie.turned:
        return before, [("transpose", {"dir": "cclock" if lie.mirrored else "cclock_flip"})]
    return before, [("hflip", {})] if lie.mirrored else []


def _shown_size(kind: Kind, target: Target) -> tuple[int, int]:
    """How large the picture stands in the frame, in even pixels."""
    if not target.contain:
        return target.width, target.height
    across, down = kind.upright
    scale = min(target.width / across, target.height / down)
    width, height = (max(2, 2 * round(side * scale / 2)) for side in (across, down))
    if target.width - width < _STRIP:
        width = target.width
    if target.height - height < _STRIP:
        height = target.height
    return width, height


def _cropped(kind: Kind, target: Target) -> _Steps:
    """The middle of the picture, in the frame's shape; nothing when it has it already."""
    across, down = kind.upright
    shape = Fraction(target.width, target.height)
    kept = min(across, down * shape), min(down, across / shape)
    wide, high = reversed(kept) if kind.lie.turned else kept
    width = min(kind.width, max(2, 2 * round(wide / kind.pixel_shape / 2)))
    height = min(kind.height, max(2, 2 * round(high / 2)))
    if kind.width - width < 2 and kind.height - height < 2:
        return []
    left, top = (kind.width - width) // 4 * 2, (kind.height - height) // 4 * 2
    return [("crop", {"w": str(width), "h": str(height), "x": str(left), "y": str(top)})]


def _scaled(width: int, height: int) -> _Steps:
    colours = {"out_color_matrix": "bt709", "out_range": "limited", "intent": "perceptual"}
    colours |= {"out_primaries": "bt709", "out_transfer": "bt709"}
    size = {"w": str(width), "h": str(height), "flags": _SCALER}
    return [("scale", size | colours), ("format", {"pix_fmts": "yuv420p"})]


def _line(like: av.VideoFrame, steps: _Steps) -> Graph:
    """Filters one after the other, for pictures like this one."""
    graph, nodes = _begun(like, steps)
    graph.link_nodes(*nodes, graph.add("buffersink")).configure()
    return graph


def _before_backdrop(
    like: av.VideoFrame, steps: _Steps, size: tuple[int, int], target: Target
) -> Graph:
    """The picture of `size` in the middle, and to either side of it what it stands before."""
    graph, nodes = _begun(like, steps)
    shown, strips = graph.add("split"), graph.add("split")
    graph.link_nodes(*nodes, shown)
    backdrop = [graph.add(name, **given) for name, given in _backdrop(size, target)]
    shown.link_to(backdrop[0], 1)
    graph.link_nodes(*backdrop, strips)
    stack = graph.add("vstack" if size[0] == target.width else "hstack", inputs="3")
    shown.link_to(stack, 0, 1)
    for place, crop in enumerate(_strips(size, target)):
        strip = graph.add("crop", **crop)
        strips.link_to(strip, place)
        strip.link_to(stack, 0, 2 * place)
    stack.link_to(graph.add("buffersink"))
    graph.configure()
    return graph


def _begun(like: av.VideoFrame, steps: _Steps) -> tuple[Graph, list[FilterContext]]:
    graph = Graph()
    graph.threads = 1
    source = graph.add_buffer(
        width=like.width, height=like.height, format=like.format, time_base=like.time_base
    )
    return graph, [source, *(graph.add(name, **given) for name, given in steps)]


def _backdrop(size: tuple[int, int], target: Target) -> _Steps:
    """The middle of the picture, tiny, softened and enlarged to the frame."""
    shape = Fraction(target.width, target.height)
    wide, high = min(size[0], int(size[1] * shape)), min(size[1], int(size[0] / shape))
    shrink = Fraction(_BACKDROP_SIDE, max(target.width, target.height))
    tiny = (max(4, 2 * round(side * shrink / 2)) for side in (target.width, target.height))
    across, down = (str(side) for side in tiny)
    return [
        ("crop", {"w": str(wide), "h": str(high)}),
        ("scale", {"w": across, "h": down, "flags": "area+accurate_rnd+bitexact"}),
        ("gblur", {"sigma": _SOFT}),
        ("lutyuv", {"y": _DIM_LUMA, "u": _DIM_CHROMA, "v": _DIM_CHROMA}),
        ("scale", {"w": str(target.width), "h": str(target.height), "flags": _SCALER}),
    ]


def _strips(size: tuple[int, int], target: Target) -> tuple[dict[str, str], dict[str, str]]:
    """The two parts of the backdrop that are seen: above and below, or left and right."""
    if size[0] == target.width:
        first = (target.height - size[1]) // 4 * 2
        last = target.height - size[1] - first
        return {"h": str(first), "y": "0"}, {"h": str(last), "y": str(first + size[1])}
    first = (target.width - size[0]) // 4 * 2
    last = target.width - size[0] - first
    return {"w": str(first), "x": "0"}, {"w": str(last), "x": str(first + size[0])}
