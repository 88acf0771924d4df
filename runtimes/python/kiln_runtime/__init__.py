"""Modules of the runtime, in a package so that their names are free for functions."""
