"""The engine: gate, pictures, segments, sound, film, check. Knows no cloud."""
