"""Calls that cost money: each is made once, written down before it is made, and kept within what may be spent."""
