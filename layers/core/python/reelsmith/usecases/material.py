"""What a scene is made of: a caller's files fetched, opened, and ready to be drawn."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from reelsmith.domain.assets import Asset, FileType
from reelsmith.domain.layers import Badge, Card, Clip, Picture
from reelsmith.domain.speech import SpokenWord
from reelsmith.domain.timelines import Timeline
from reelsmith.media import cards, clips, gate, pcm, pictures, scenes
from reelsmith.media.nursery import Nursery
from reelsmith.media.overlays import Overlays
from reelsmith.ports import Deps
from reelsmith.text import subtitles

_OVERSIZE = 1.4  # a still is kept this much larger than the film, so that zooming stays sharp


def inspected(deps: Deps, asset: Asset) -> tuple[int, int] | None:
    """See that a file can be used; gives width and height, as it is seen, of what can be seen.

    Raises:
        MediaError: it cannot be used; the message names it as its owner does.
        Invalid: it holds no subtitles that can be read.
    """
    name = asset.original_filename
    if asset.file_type is FileType.SUBTITLES:
        timed_words(deps, asset)
        return None
    with TemporaryDirectory() as scratch:
        file = deps.store.fetch(asset.key, Path(scratch, "in"))
        if asset.file_type is FileType.VIDEO:
            clip = clips.inspect(file, name=name)
            return clip.width, clip.height
        if asset.file_type is FileType.IMAGE:
            picture = pictures.inspect(file, name=name)
            return picture.width, picture.height
        pcm.inspect(file, name=name)
        return None


def timed_words(deps: Deps, asset: Asset) -> tuple[SpokenWord, ...]:
    """The words of a subtitle file with their times. Raises Invalid."""
    body = deps.store.read(asset.key)
    return subtitles.words(subtitles.parse(body, name=gate.shown(asset.original_filename)))


class Reel:
    """The sources of a film's scenes, each open as long as the part after may go on with it.

    Files are kept in `room`. A clip goes on decoding where the last part left it, also below the
    transition that follows; `close` it at the end.
    """

    def __init__(self, deps: Deps, timeline: Timeline, room: Path) -> None:
        self._deps, self._timeline, self._room = deps, timeline, room
        self._open: dict[int, tuple[scenes.Source, ExitStack]] = {}
        self._nursery = Nursery()

    def sources(self, index: int, *, part: range | None = None) -> Mapping[int, scenes.Source]:
        """What is seen in scene `index`, or in the frames `part` of it, by index of its scene.

        Raises:
            MediaError: a file cannot be used; the message names it as its owner does.
        """
        seen = scenes.seen(self._timeline, index, part)
        for number in self._open.keys() - seen.keys():
            self._open.pop(number)[1].close()
        for number, shown in seen.items():
            if number not in self._open:
                self._open[number] = self._opened(number, shown.start)
        return {number: self._open[number][0] for number in seen}

    def close(self) -> None:
        """End what is open."""
        while self._open:
            self._open.popitem()[1][1].close()
        self._nursery.close()

    def _opened(self, index: int, first: int) -> tuple[scenes.Source, ExitStack]:
        """A scene's source from frame `first` of its visibility to the end of that."""
        timeline = self._timeline
        end = timeline.visible_until(index) - timeline.scenes[index].first_frame
        shown = range(first, end)
        with ExitStack() as opening:
            source = self._source(index, shown)
            return opening.enter_context(source), opening.pop_all()

    def _source(self, index: int, shown: range) -> AbstractContextManager[scenes.Source]:
        timeline = self._timeline
        source = timeline.scenes[index].source
        if isinstance(source, Card):
            return nullcontext(cards.draw(source, timeline.width, timeline.height))
        file = _fetched(self._deps, source, self._room)
        if isinstance(source, Picture):
            longest = round(max(timeline.width, timeline.height) * _OVERSIZE)
            return nullcontext(
                pictures.load(file, name=source.name, longest_side=longest, run=self._nursery.run)
            )
        return clips.open(
            file,
            name=source.name,
            clip=source,
            width=timeline.width,
            height=timeline.height,
            fps=timeline.fps,
            frames=shown,
        )


@contextmanager
def sources(
    deps: Deps, timeline: Timeline, index: int, room: Path, *, part: range | None = None
) -> Iterator[Mapping[int, scenes.Source]]:
    """What `Reel.sources` gives, until the end of the block. Raises MediaError."""
    with closing(Reel(deps, timeline, room)) as reel:
        yield reel.sources(index, part=part)


def overlays(deps: Deps, timeline: Timeline, room: Path) -> Overlays | None:
    """What lies over the pictures of a film, if anything does. Raises MediaError."""
    if not timeline.overlays:
        return None
    badges = {
        over.key: pictures.load_with_alpha(
            _fetched(deps, over, room),
            name=over.name,
            longest_side=max(timeline.width, timeline.height),
        )
        for over in timeline.overlays
        if isinstance(over, Badge)
    }
    return Overlays(timeline, badges=badges)


def sounds(deps: Deps, timeline: Timeline, room: Path) -> Mapping[str, Path]:
    """The files of all that is heard in a film, by key."""
    wanted = {part.key for part in timeline.narration} | {cue.key for cue in timeline.heard}
    if timeline.music:
        wanted.add(timeline.music.key)
    return {
        key: deps.store.fetch(key, room / f"sound-{n}") for n, key in enumerate(sorted(wanted))
    }


def _fetched(deps: Deps, source: Picture | Clip | Badge, room: Path) -> Path:
    """The file of a source, fetched once."""
    file = room / source.sha256
    return file if file.exists() else deps.store.fetch(source.key, file)
