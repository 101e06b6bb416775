"""Thin tasks: ids in, one service, safe to run twice."""
