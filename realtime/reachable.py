"""Whether Redis answers."""

import asyncio
from typing import Any

import redis.asyncio

PATIENCE_S = 5


async def why_unreachable(url: str) -> str | None:
    """Why Redis at this URL cannot be used; None when it can."""
    client: Any = redis.asyncio.from_url(url)
    try:
        await asyncio.wait_for(client.ping(), PATIENCE_S)
    except TimeoutError:
        return "no answer"
    except (redis.RedisError, OSError) as error:
        return str(error)
    finally:
        await client.aclose()
    return None
