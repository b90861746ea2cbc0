"""Demo data: a desk to look at, with half a year of work in it."""

from app.demo.loading import DemoRefused, load
from app.demo.logins import LOGINS, Login

__all__ = ["LOGINS", "DemoRefused", "Login", "load"]
