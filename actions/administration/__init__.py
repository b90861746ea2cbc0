"""How the desk itself is changed: people, places, rights, settings; a module for each noun."""
