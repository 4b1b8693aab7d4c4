"""What is known of the cluster: `reflector` keeps `store`s in step, `cached` reads from them."""

from opgen_runtime.cache.cache import Cache, CacheSyncTimeout
from opgen_runtime.cache.cached import CachedReader
from opgen_runtime.cache.reflector import Reflector
from opgen_runtime.cache.store import Handler, Progress, Store
from opgen_runtime.cache.writes import WriteLog, Writes, current_writes, recorded

__all__ = [
    "Cache",
    "CacheSyncTimeout",
    "CachedReader",
    "Handler",
    "Progress",
    "Reflector",
    "Store",
    "WriteLog",
    "Writes",
    "current_writes",
    "recorded",
]
