"""Doors to people, posts, patrols and the registers of places."""
