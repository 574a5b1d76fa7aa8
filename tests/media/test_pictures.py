"""Pictures of every odd kind come out as people see them, or are refused by name."""

import numpy as np
import pytest
from PIL import Image, ImageCms

from reelsmith.errors import MediaError
from reelsmith.media import pictures
from reelsmith.media.run import Finished
from tests.media.odd_pictures import (
    BLUE,
    GREEN,
    RED,
    YELLOW,
    file_of,
    four_corners,
    png_bomb,
    stored,
    swapped_profile,
    with_orientation,
)


@pytest.fixture
def send(tmp_path):
    def write(body, name="upload"):
        path = tmp_path / name
        path.write_bytes(body)
        return path

    return write


def corners(pixels):
    height, width = pixels.shape[:2]
    near, far = (height // 4, width // 4), (height * 3 // 4, width * 3 // 4)
    return [pixels[y, x] for y in (near[0], far[0]) for x in (near[1], far[1])]


def assert_four_corners(pixels, within=12):
    for seen, meant in zip(corners(pixels), (RED, GREEN, BLUE, YELLOW), strict=True):
        assert np.abs(seen.astype(int) - meant).max() <= within


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_phone_picture_stands_upright_however_the_phone_was_held(send, form, orientation):
    path = send(with_orientation(stored(four_corners(), orientation), orientation, form))

    pixels = pictures.load(path, name="phone.jpg")

    assert pixels.shape == (32, 64, 3)
    assert_four_corners(pixels, within=40 if form == "WEBP" else 12)
    facts = pictures.inspect(path, name="phone.jpg")
    assert (facts.width, facts.height) == (64, 32)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP"])
def test_each_format_we_take_keeps_its_colours(send, form):
    options = {"quality": 95, "subsampling": 0} if form == "JPEG" else {}
    options |= {"lossless": True} if form == "WEBP" else {}
    path = send(file_of(Image.fromarray(four_corners()), form, **options), "no-extension")

    assert_four_corners(pictures.load(path, name="a"))
    assert pictures.inspect(path, name="a").format.upper() == form


@pytest.mark.parametrize(
    ("mode", "form"),
    [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("P", "PNG"), ("P", "GIF"), ("RGBA", "PNG")]
    + [("RGBA", "WEBP"), ("LAB", "TIFF"), ("YCbCr", "TIFF")],
)
def test_every_colour_model_comes_out_as_the_same_colours(send, mode, form):
    image = Image.fromarray(four_corners())
    if mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        image = ImageCms.profileToProfile(image, srgb, lab, outputMode="LAB")
    else:
        image = image.quantize(16) if mode == "P" else image.convert(mode)
    options = {"quality": 95} if form == "JPEG" else {}
    options |= {"lossless": True} if form == "WEBP" else {}

    assert_four_corners(pictures.load(send(file_of(image, form, **options)), name="a"), within=16)


@pytest.mark.parametrize("mode", ["L", "LA", "1", "I;16", "I", "F"])
def test_grey_of_any_depth_keeps_its_light_and_dark_half(send, mode):
    dark_and_light = np.zeros((16, 32), np.uint8)
    dark_and_light[:, 16:] = 255
    deep = dark_and_light.astype(np.uint16) * 257
    image = {
        "I;16": lambda: Image.fromarray(deep),
        "I": lambda: Image.fromarray(deep.astype(np.int32)),
        "F": lambda: Image.fromarray(dark_and_light.astype(np.float32) / 255),
    }.get(mode, lambda: Image.fromarray(dark_and_light).convert(mode))()

    pixels = pictures.load(send(file_of(image, "TIFF" if mode in ("I", "F") else "PNG")), name="g")

    assert pixels[8, 4].max() < 5
    assert pixels[8, 28].min() > 250


def test_half_grey_of_sixteen_bits_is_half_grey(send):
    half = Image.fromarray(np.full((8, 8), 32_768, np.uint16))

    assert abs(int(pictures.load(send(file_of(half, "PNG")), name="scan")[4, 4, 0]) - 128) <= 1


def test_colours_are_brought_to_srgb_by_the_profile_in_the_file(send):
    red = Image.new("RGB", (8, 8), (255, 0, 0))
    path = send(file_of(red, "PNG", icc_profile=swapped_profile()))

    seen = pictures.load(path, name="scan.png")[4, 4]

    assert seen[1] > 200
    assert seen[0] < 90


def test_a_broken_profile_leaves_the_colours_alone(send):
    body = file_of(Image.fromarray(four_corners()), "PNG", icc_profile=b"no profile at all")

    assert_four_corners(pictures.load(send(body), name="a.png"))


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken(send, form):
    first, second = (Image.new("RGB", (16, 16), colour) for colour in (RED, BLUE))
    options = {"lossless": True} if form == "WEBP" else {}
    body = file_of(first, form, save_all=True, append_images=[second], duration=100, **options)
    path = send(body)

    assert np.abs(pictures.load(path, name="a.gif")[8, 8].astype(int) - RED).max() < 12
    assert pictures.inspect(path, name="a.gif").animated


@pytest.mark.parametrize(("logo", "ground"), [(250, "dark"), (10, "light")])
def test_a_cut_out_logo_stays_visible_whatever_its_colour(send, logo, ground):
    picture = np.zeros((40, 40, 4), np.uint8)
    picture[10:30, 10:30] = (logo, logo, logo, 255)
    path = send(file_of(Image.fromarray(picture), "PNG"))

    pixels = pictures.load(path, name="logo.png")

    assert (pixels[2, 2].max() < 60) if ground == "dark" else (pixels[2, 2].min() > 200)
    assert abs(int(pixels[20, 20, 0]) - logo) < 5
    assert pictures.inspect(path, name="logo.png").alpha


def test_a_single_pixel_is_a_picture(send):
    path = send(file_of(Image.new("RGB", (1, 1), RED), "PNG"))

    assert pictures.load(path, name="dot.png").tolist() == [[list(RED)]]


@pytest.mark.parametrize(("form", "within"), [("JPEG", 6), ("PNG", 4)])
def test_eight_thousand_pixels_are_brought_down_without_losing_the_picture(send, form, within):
    path = send(file_of(Image.fromarray(four_corners()).resize((8000, 4000), 0), form))

    pixels = pictures.load(path, name="huge", longest_side=2000)

    assert pixels.shape == (1000, 2000, 3)
    assert_four_corners(pixels, within)
    assert pictures.inspect(path, name="huge").width == 8000


def test_a_picture_is_never_made_larger(send):
    path = send(file_of(Image.fromarray(four_corners()), "PNG"))

    assert pictures.load(path, name="small", longest_side=4000).shape == (32, 64, 3)


def test_a_very_narrow_picture_keeps_at_least_one_pixel(send):
    path = send(file_of(Image.new("RGB", (9000, 1), RED), "PNG"))

    assert pictures.load(path, name="line", longest_side=300).shape == (1, 300, 3)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_cut_short_is_refused_by_name(send, form):
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)
    body = file_of(Image.fromarray(noise), form)

    with pytest.raises(MediaError, match=r'^"half\.jpg" .*(cut short|decoded|broken).*; '):
        pictures.load(send(body[: len(body) // 2]), name="half.jpg")


@pytest.mark.parametrize("side", [12_000, 40_000, 2_000_000])
def test_a_decompression_bomb_is_refused_by_name_before_it_goes_off(send, side):
    with pytest.raises(MediaError, match=r'^"bomb\.png" is larger than 128 megapixels.*; send'):
        pictures.load(send(png_bomb(side)), name="bomb.png")


def test_a_decoder_that_a_hostile_file_took_over_is_not_believed(send):
    path = send(file_of(Image.new("RGB", (4, 4)), "PNG"))
    said = b'{"width": 4, "height": 4, "animated": false, "alpha": false, "raw_width": 9999,'
    said += b' "raw_height": 9999}'

    def lie(module, args, *, cwd, **rest):
        (cwd / "result.raw").write_bytes(b"three bytes")
        return Finished(stdout=said, stderr="")

    with pytest.raises(MediaError, match=r'"a\.png" broke its decoder'):
        pictures.load(path, name="a.png", run=lie)
    said = b"[1, 2"
    with pytest.raises(MediaError, match=r'"a\.png" broke its decoder'):
        pictures.inspect(path, name="a.png", run=lie)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_a_badges_transparency_is_kept_when_it_is_asked_for(send, mode):
    logo = Image.new("RGBA", (400, 200), (90, 90, 90, 0))
    logo.paste((200, 200, 200, 255), (100, 50, 300, 150))
    path = send(file_of(logo.convert(mode), "PNG"))

    pixels = pictures.load_with_alpha(path, name="logo.png", longest_side=100)

    assert pixels.shape == (50, 100, 4)
    assert pixels[25, 50].tolist() == [200, 200, 200, 255]
    assert pixels[2, 2, 3] == 0


def test_a_picture_without_transparency_is_an_opaque_badge(send):
    path = send(file_of(Image.new("RGB", (30, 20), (10, 200, 30)), "JPEG"))

    pixels = pictures.load_with_alpha(path, name="logo.jpg", longest_side=100)

    assert pixels.shape == (20, 30, 4)
    assert (pixels[..., 3] == 255).all()
