"""What Tortoise's own command line asks for: `tortoise -c app.tortoise_config.TORTOISE …`."""

from app.database import config
from app.environment import from_environment

TORTOISE = config(from_environment().database_url)
