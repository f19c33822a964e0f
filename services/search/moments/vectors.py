"""Vectors on their way to Postgres, in pgvector's binary form: hundreds of numbers as text take as long as the index does."""

import struct

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

from shared.embedder import Vector


class HalfVector(bytes):
    """A `halfvec` as `halfvec_send` writes it: how many numbers, two bytes of nothing, and the numbers in half precision."""

    @classmethod
    def of(cls, vector: Vector) -> "HalfVector":
        """A vector with what half-precision numbers hold of it."""
        return cls(struct.pack(">HH", len(vector), 0) + vector.astype(">f2").tobytes())


class HalfVectorDumper(Dumper):
    """Sends it as it is. The type is not named, as its number differs between databases: the statement casts it."""

    format = Format.BINARY

    def dump(self, obj: HalfVector) -> Buffer:
        """The bytes themselves."""
        return obj


psycopg.adapters.register_dumper(HalfVector, HalfVectorDumper)
