"""Passwords of today and of older systems; hashes that were made to hurt."""

import time

import bcrypt
import pytest
from argon2 import PasswordHasher
from werkzeug.security import generate_password_hash

from reelsmith.engines import passwords
from reelsmith.engines.passwords import Argon2Passwords

WORD = "contraseña larga"


@pytest.fixture
def engine():
    return Argon2Passwords()


def test_a_password_opens_its_own_hash_alone(engine):
    hashed = engine.hash(WORD)
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert engine.verify(WORD, hashed)
    assert not engine.verify(WORD + "!", hashed)
    assert hashed != engine.hash(WORD)
    assert not engine.is_stale(hashed)


OLDER = {
    "bcrypt": lambda word: bcrypt.hashpw(word.encode(), bcrypt.gensalt(4)).decode(),
    "bcrypt 2y": lambda word: (
        "$2y" + bcrypt.hashpw(word.encode(), bcrypt.gensalt(4)).decode().removeprefix("$2b")
    ),
    "scrypt": lambda word: generate_password_hash(word, method="scrypt:1024:8:1"),
    "scrypt by default": generate_password_hash,
    "pbkdf2": lambda word: generate_password_hash(word, method="pbkdf2:sha256:1000"),
    "pbkdf2 sha512": lambda word: generate_password_hash(word, method="pbkdf2:sha512:1000"),
    "weaker argon2id": PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash,
}


@pytest.mark.parametrize("method", OLDER)
def test_hashes_of_older_systems_are_good_and_are_to_be_replaced(engine, method):
    hashed = OLDER[method](WORD)
    assert engine.verify(WORD, hashed)
    assert not engine.verify("something else", hashed)
    assert engine.is_stale(hashed)


def test_a_password_that_bcrypt_would_cut_is_refused(engine):
    hashed = OLDER["bcrypt"]("x" * 72)
    assert engine.verify("x" * 72, hashed)
    assert not engine.verify("x" * 73, hashed)
    assert not engine.verify("x\0", hashed)


HOSTILE = [
    "",
    "plain text",
    "$argon2id$v=19$m=9999999,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$kzNXgaLLpLWTCuRyJ4Leoy",
    "$argon2id$v=19$m=19456,t=999,p=1$AAAAAAAAAAAAAAAAAAAAAA$kzNXgaLLpLWTCuRyJ4Leoy",
    "$argon2id$v=19$m=19456,t=2,p=1$nonsense",
    "$2b$31$" + "a" * 53,
    "$2b$00$" + "a" * 53,
    "scrypt:16777216:8:1$salt$" + "0" * 128,
    "scrypt:32768:8:99$salt$" + "0" * 128,
    "scrypt:1000:8:1$salt$" + "0" * 128,
    "scrypt:0:0:0$salt$" + "0" * 128,
    "pbkdf2:sha256:99999999$salt$" + "0" * 64,
    "pbkdf2:sha256:0$salt$" + "0" * 64,
    "pbkdf2:sha256$salt$" + "0" * 64,
]


@pytest.mark.parametrize("hashed", HOSTILE)
def test_a_hash_that_was_made_to_burn_or_to_break_is_nobody_s(engine, hashed):
    engine.hash(WORD)
    spent = time.process_time()
    engine.pretend(WORD)
    usual, spent = time.process_time() - spent, time.process_time()
    assert not engine.verify(WORD, hashed)
    assert engine.is_stale(hashed)
    assert time.process_time() - spent < 20 * usual  # done in full: from 150 times on


def test_pretending_is_the_work_of_a_real_look(engine, monkeypatch):
    seen = []
    monkeypatch.setattr(
        Argon2Passwords,
        "_by_argon2",
        lambda self, password, hashed, *work: seen.append(work),
    )
    engine.verify(WORD, engine.hash(WORD))
    engine.pretend(WORD)
    assert seen[0] == seen[1]
    assert not engine.is_stale(passwords._NOBODYS)
