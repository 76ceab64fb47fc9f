"""What a user's browsers should hear: rows with a per-user rising number, read after a cursor; and whoever waits for
them is woken when there are some.
"""

from callbook.events.rows import Heard, after, append, forget, prune, take_turn
from callbook.events.watching import Watcher

__all__ = ["Heard", "Watcher", "after", "append", "forget", "prune", "take_turn"]
