"""What a process keeps between requests. Pure: what is made and when it is stale is the caller's to say."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

V = TypeVar("V")


class Shelf(Generic[V]):
    """A value per key, good while its version is equal. One thread makes it, the others wait: no stampede.

    Read the version before what it stands for: then a value may be newer than its version, never older.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[Hashable, tuple[Hashable, V]] = OrderedDict()
        self._guard = Lock()
        self._making = tuple(Lock() for _ in range(16))

    def get(self, key: Hashable, version: Hashable, make: Callable[[], V]) -> V:
        held = self._held.get(key)
        if held is not None and held[0] == version:
            return held[1]
        with self._making[hash(key) % len(self._making)]:
            held = self._held.get(key)
            if held is not None and held[0] == version:
                return held[1]
            value = make()
            with self._guard:
                self._held[key] = (version, value)
                self._held.move_to_end(key)
                while len(self._held) > self._size:
                    self._held.popitem(last=False)
            return value

    def clear(self) -> None:
        with self._guard:
            self._held.clear()


class Recent(Generic[V]):
    """Values by key, the least recently put forgotten first. What a key stands for never changes, so nothing gets stale."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[Hashable, V] = OrderedDict()
        self._guard = Lock()

    def get(self, key: Hashable) -> V | None:
        return self._held.get(key)

    def put(self, key: Hashable, value: V) -> None:
        with self._guard:
            self._held[key] = value
            self._held.move_to_end(key)
            while len(self._held) > self._size:
                self._held.popitem(last=False)

    def clear(self) -> None:
        with self._guard:
            self._held.clear()
